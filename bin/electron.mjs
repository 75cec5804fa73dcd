/**
 * Finds or fetches Electron's binary. `npm ci` doesn't install it, and its package would download it on first use,
 * without a limit. So its folder is checked, and a missing binary is fetched in a process of its own that can be
 * watched and ended.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const downloader = join(dirname(fileURLToPath(import.meta.url)), 'download-electron.mjs');

/**
 * Finds the binary that Electron's package would start. @param folder node_modules/electron @returns null where it is
 * missing, or is another version's
 */
export function electronBinary(folder) {
  try {
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const present = readFileSync(join(folder, 'dist', 'version'), 'utf8')
      .trim()
      .replace(/^v/, '');
    const binary = join(folder, 'dist', readFileSync(join(folder, 'path.txt'), 'utf8').trim());
    return present === version && existsSync(binary) ? binary : null;
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
}

/** Says why no window can be opened here, whatever binary there is; null where one can. */
export function whyNoWindow({ platform, env, uid }) {
  if (platform !== 'linux') return null;
  if (!env.DISPLAY && !env.WAYLAND_DISPLAY)
    return 'this machine has no display (neither DISPLAY nor WAYLAND_DISPLAY is set)';
  // Only the user may choose --no-sandbox, which would let a page reach the system.
  if (uid === 0) return "Electron's sandbox doesn't run as root";
  return null;
}

/**
 * Finds the binary or downloads it. @param node runs the download
 * @returns the binary, or why there is none
 */
export async function obtainElectron({ folder, node, mayDownload, log }) {
  const present = electronBinary(folder);
  if (present) return { binary: present, why: null };
  if (!existsSync(join(folder, 'package.json'))) return { binary: null, why: 'the package electron is not installed' };
  if (!mayDownload) return { binary: null, why: "Electron's binary is not here and --no-download was given" };
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  log(`Fetching Electron ${version} once; --no-download skips this.`);
  const failure = await download(node, folder);
  const binary = electronBinary(folder);
  if (binary) return { binary, why: null };
  return { binary: null, why: `Electron's binary could not be fetched (${failure ?? 'it is not where it should be'})` };
}

/** Runs the download. @returns the last line of its output where it failed, else null */
function download(node, folder) {
  const child = spawn(node, [downloader, folder], { stdio: ['ignore', 'inherit', 'pipe'] });
  let said = '';
  child.stderr.on('data', (bytes) => (said += bytes));
  return new Promise((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code) => resolve(code === 0 ? null : (said.trim().split('\n').at(-1) ?? `exit code ${code}`)));
  });
}
