/**
 * `node run-typescript.mjs FILE ARGS...` calls `main(ARGS)` of a module of the repository's TypeScript, compiled as by
 * the build.
 */
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

export async function runTypeScript(file) {
  const { module } = await runnerImport(file, {
    root: fileURLToPath(new URL('../../..', import.meta.url)),
    configFile: false,
    logLevel: 'error',
  });
  return module;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [file, ...args] = process.argv.slice(2);
  await (await runTypeScript(file)).main(args);
}
