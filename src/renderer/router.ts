/** The router: every folder of views/ contributes its routes. */
import { createRouter, createWebHashHistory, type RouteRecordRaw } from 'vue-router';

const files = import.meta.glob<{ route?: RouteRecordRaw; routes?: RouteRecordRaw[] }>('./views/*/route.ts', {
  eager: true,
});

/** Screens to which the shell, the palette and other screens link. */
const LINKED = [
  'home',
  'datasets',
  'dataset',
  'review',
  'new-run',
  'draft',
  'runs',
  'run',
  'compare',
  'transfer',
  'zoo',
  'searches',
  'search',
  'studies',
  'study',
  'settings',
];

/** Collects the routes. @throws Error at start where two routes have one name, or a link would lead nowhere */
function collect(): RouteRecordRaw[] {
  const routes = Object.values(files).flatMap(({ route, routes: several }) => [
    ...(route ? [route] : []),
    ...(several ?? []),
  ]);
  const names = routes.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice) throw new Error(`two routes are called ${String(twice)}`);
  const missing = LINKED.filter((name) => !names.includes(name));
  if (missing.length) throw new Error(`no screen for ${missing.join(', ')}`);
  return routes;
}

export const router = createRouter({
  history: createWebHashHistory(),
  routes: [...collect(), { path: '/:rest(.*)*', redirect: '/' }],
});
