#!/usr/bin/env node
/**
 * `npm start`: opens the window. Where Electron's binary or a display can't be had, the same window is served to a
 * browser on this machine. `--smoke`: starts the program for real, trains a little, and ends.
 */
import { join } from 'node:path';
import { obtainElectron, whyNoWindow } from './electron.mjs';
import { launch, prepare, root, run } from './launch.mjs';
import { openWindow } from './open-window.mjs';

const NO_DOWNLOAD = '--no-download';
const args = process.argv.slice(2);
const rest = args.filter((arg) => arg !== NO_DOWNLOAD);

async function open() {
  const node = prepare();
  const impossible = whyNoWindow({ platform: process.platform, env: process.env, uid: process.getuid?.() });
  const { binary, why } = impossible
    ? { binary: null, why: impossible }
    : await obtainElectron({
        ...{ folder: join(root, 'node_modules', 'electron'), node, log: (line) => console.error(line) },
        mayDownload: !args.includes(NO_DOWNLOAD) && !process.env.ELECTRON_SKIP_BINARY_DOWNLOAD,
      });
  const reason = binary ? await openWindow(binary, [root, ...rest]) : why;
  console.error(`The window opens in a browser here, because ${reason}.\n`);
  return launch(['serve', ...rest]);
}

if (args.includes('--smoke')) run(prepare(), [join(root, 'bin', 'smoke.mjs')]);
else if (args.includes('--help') || args.includes('-h'))
  console.log(`npm start [-- OPTIONS]
  opens the window; where Electron or a display can't be had, or Electron ends as it starts, serves it to a browser on this machine and prints the address
  --home FOLDER   data folder
  --port N        of the served window
  ${NO_DOWNLOAD}   don't fetch Electron's binary where it is missing
  --smoke         start for real, train a little, end`);
else await open();
