/**
 * Says whether TensorFlow would find an NVIDIA driver, by files alone. src/main/engine/backend/nvidia-driver.ts does
 * the same for the program.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const LIBRARY = 'libcuda.so.1';
/** Folders that the loader searches besides LD_LIBRARY_PATH and those that ldconfig has found. */
const FOLDERS = ['/lib/x86_64-linux-gnu', '/usr/lib/x86_64-linux-gnu', '/lib64', '/usr/lib64', '/lib', '/usr/lib'];

function read(path) {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    // The file is missing or unreadable, so nothing is found in it.
    return '';
  }
}

/**
 * Finds the driver. The kernel's module and the library must both exist: a container sees the module of its machine
 * without being given the GPU.
 * @param root where the file system begins, for tests
 * @returns null where there is none; its version is null under WSL, where the module is the host's
 */
export function findDriver({ root = '/', environment = process.env } = {}) {
  if (process.platform !== 'linux') return null;
  const version = /(\d+\.\d+(?:\.\d+)?)/.exec(
    /^NVRM version:.*$/m.exec(read(join(root, 'proc/driver/nvidia/version')))?.[0] ?? '',
  )?.[1];
  if (version === undefined && !existsSync(join(root, 'dev/dxg'))) return null;
  const folders = [...(environment.LD_LIBRARY_PATH ?? '').split(':').filter(Boolean), ...FOLDERS];
  const found =
    folders.some((folder) => existsSync(join(root, folder, LIBRARY))) ||
    read(join(root, 'etc/ld.so.cache')).includes(LIBRARY);
  return found ? { version: version ?? null } : null;
}

/** Says whether the first of two versions is before the second. */
export const isOlder = (version, than) => version.localeCompare(than, 'en', { numeric: true }) < 0;
