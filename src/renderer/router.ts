/** Every folder of views/ brings its routes. */
import { h } from 'vue';
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

/** Screens that links lead to. One that no folder brings is an empty page, so that the others can be reached. */
const PLACES = {
  ...{ home: '/', datasets: '/datasets', dataset: '/datasets/:id', review: '/reviews/:id', runs: '/runs', run: '/runs/:id' },
  ...{ compare: '/compare', settings: '/settings' },
};

function withMissing(routes: RouteRecordRaw[]): RouteRecordRaw[] {
  const brought = new Set(routes.map(({ name }) => name));
  const missing = Object.entries(PLACES).filter(([name]) => !brought.has(name));
  return [...routes, ...missing.map(([name, path]) => ({ name, path, component: { render: () => h('h1', name) } }))];
}

export const router = createRouter({
  history: createWebHashHistory(),
  routes: [...withMissing(collect()), { path: '/:rest(.*)*', redirect: '/' }],
});
