import type { RouteRecordRaw } from 'vue-router';

export const route: RouteRecordRaw = { path: '/models', name: 'zoo', component: () => import('./Zoo.vue') };
