/** Every folder of views/ brings its routes. */
import { createRouter, createWebHashHistory, type RouteRecordRaw } from 'vue-router';

const files = import.meta.glob<{ route?: RouteRecordRaw; routes?: RouteRecordRaw[] }>('./views/*/route.ts', { eager: true });

/** @throws Error at start where two routes have one name */
function collect(): RouteRecordRaw[] {
  const routes = Object.values(files).flatMap(({ route, routes: several }) => [...(route ? [route] : []), ...(several ?? [])]);
  const names = routes.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice) throw new Error(`two routes are called ${String(twice)}`);
  return routes;
}

export const router = createRouter({
  history: createWebHashHistory(),
  routes: [...collect(), { path: '/:rest(.*)*', redirect: '/' }],
});
