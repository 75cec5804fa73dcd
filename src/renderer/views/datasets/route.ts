import type { RouteRecordRaw } from 'vue-router';

export const routes = [
  { path: '/datasets', name: 'datasets', component: () => import('./DatasetsList.vue') },
  { path: '/datasets/:id', name: 'dataset', component: () => import('./DatasetScreen.vue') },
  { path: '/reviews/:id', name: 'review', component: () => import('./Review.vue') },
] as RouteRecordRaw[];
