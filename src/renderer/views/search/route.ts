import type { RouteRecordRaw } from 'vue-router';

export const routes: RouteRecordRaw[] = [
  { path: '/searches', name: 'searches', component: () => import('./Searches.vue') },
  { path: '/searches/:id', name: 'search', component: () => import('./SearchScreen.vue') },
];
