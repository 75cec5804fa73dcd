import type { RouteRecordRaw } from 'vue-router';

/** The address is /compare?runs=a,b,c, baseline first. */
export const route: RouteRecordRaw = { path: '/compare', name: 'compare', component: () => import('./Compare.vue') };
