/**
 * Runs before the program: makes this Node look like Electron's main process, and resolves `electron` to the double.
 */
import { createRequire, registerHooks } from 'node:module';

const electron = new URL('./electron.ts', import.meta.url).href;
const { version } = createRequire(import.meta.url)('electron/package.json');

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'electron'
      ? { url: electron, format: 'module-typescript', shortCircuit: true }
      : next(specifier, context),
});

Object.defineProperty(process.versions, 'electron', { value: version, enumerable: true });
Object.defineProperty(process, 'type', { value: 'browser' });
// Code that starts this path as a child without ELECTRON_RUN_AS_NODE gets a second window, as with Electron.
process.execPath = process.env.ELECTRON_DOUBLE;
process.argv = [process.execPath, ...process.argv.slice(2)];
