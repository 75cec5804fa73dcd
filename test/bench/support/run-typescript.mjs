/**
 * A module of the repository's TypeScript, as the build would compile it. `node run-typescript.mjs FILE ARGS...` calls
 * its `main(ARGS)`.
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
