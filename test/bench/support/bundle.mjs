/** Bundles a module of the repository's TypeScript for plain Node, so that a measured process holds no compiler. */
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const made = new Map();

/** @returns path of the bundle below out/; its `main(ARGS)` is called by run-bundled.mjs */
export function bundled(file) {
  const known = made.get(file) ?? bundle(file);
  made.set(file, known);
  return known;
}

async function bundle(file) {
  const name = basename(file).replace(/\.ts$/, '');
  const outDir = join(root, 'out', 'bench', name);
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    build: { ssr: file, outDir, target: 'node24', minify: false },
  });
  return join(outDir, `${name}.js`);
}
