import type { RouteRecordRaw } from 'vue-router';

const component = (): Promise<unknown> => import('./NewRun.vue');

/** Both routes share the component, so that a draft that gets its address while it is edited is not built anew. */
export const routes = [
  { path: '/new', name: 'new-run', component },
  { path: '/new/:draft', name: 'draft', component },
] as RouteRecordRaw[];
