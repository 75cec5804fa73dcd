/** Builds out/main before any test, because worker threads and child processes run from there. */
import { spawnSync } from 'node:child_process';
import { utimesSync, writeFileSync } from 'node:fs';

export default function setup(): void {
  const began = new Date();
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['node_modules/electron-vite/bin/electron-vite.js', 'build'],
    {
      encoding: 'utf8',
    },
  );
  if (status !== 0) throw new Error(`the build failed:\n${stdout}${stderr}`);
  // The launcher's mark prevents that a program started in a test is built a second time.
  writeFileSync('out/.built', '');
  utimesSync('out/.built', began, began);
}
