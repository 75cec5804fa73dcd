/** Electron's entry, which only connects parts. */
import { join } from 'node:path';
import { startDesktop } from './desktop/start';
import { appRoot } from './base/entry';
import { resolveHome } from './base/home';
import { windowOptions } from './desktop/window-options';

const { home, folder } = windowOptions(process.argv.slice(1), process.cwd(), appRoot());
startDesktop({
  home: resolveHome(home),
  folder,
  preload: join(import.meta.dirname, '..', 'preload', 'index.cjs'),
});
