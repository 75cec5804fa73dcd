import type { RouteRecordRaw } from 'vue-router';

export const routes: RouteRecordRaw[] = [
  { path: '/studies', name: 'studies', component: () => import('./Studies.vue') },
  { path: '/studies/:id', name: 'study', component: () => import('./StudyScreen.vue') },
];
