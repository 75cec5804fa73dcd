import type { RouteRecordRaw } from 'vue-router';

export const route: RouteRecordRaw = { path: '/runs', name: 'runs', component: () => import('./Runs.vue') };
