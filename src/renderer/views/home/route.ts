import type { RouteRecordRaw } from 'vue-router';

export const route: RouteRecordRaw = { path: '/', name: 'home', component: () => import('./Home.vue') };
