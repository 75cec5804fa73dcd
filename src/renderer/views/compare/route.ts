import type { RouteRecordRaw } from 'vue-router';

/** /compare?runs=a,b,c: baseline first. */
export const route: RouteRecordRaw = { path: '/compare', name: 'compare', component: () => import('./Compare.vue') };
