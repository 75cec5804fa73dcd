import type { RouteRecordRaw } from 'vue-router';

export const route: RouteRecordRaw = { path: '/settings', name: 'settings', component: () => import('./Settings.vue') };
