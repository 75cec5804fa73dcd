import type { RouteRecordRaw } from 'vue-router';

export const route: RouteRecordRaw = { path: '/runs/:id', name: 'run', component: () => import('./Run.vue') };
