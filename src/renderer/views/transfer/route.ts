import type { RouteRecordRaw } from 'vue-router';

export const route: RouteRecordRaw = { path: '/transfer', name: 'transfer', component: () => import('./Transfer.vue') };
