/** Before any test: builds out/main, because worker threads and child processes run from there. */
import { spawnSync } from 'node:child_process';

export default function setup(): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['node_modules/electron-vite/bin/electron-vite.js', 'build'], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the build failed:\n${stdout}${stderr}`);
}
