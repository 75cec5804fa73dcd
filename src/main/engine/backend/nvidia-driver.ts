/**
 * Says whether TensorFlow would find an NVIDIA driver, from files alone and without starting a process.
 * scripts/engine/driver.mjs does the same for the install.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const LIBRARY = 'libcuda.so.1';
/** Folders that the loader searches besides LD_LIBRARY_PATH and ldconfig's. */
const FOLDERS = ['/lib/x86_64-linux-gnu', '/usr/lib/x86_64-linux-gnu', '/lib64', '/usr/lib64', '/lib', '/usr/lib'];

export interface NvidiaDriver {
  /** Null under WSL, where the kernel's module is the host's. */
  version: string | null;
}

export interface DriverSearch {
  /** Root of the file system, for tests. */
  root?: string;
  environment?: NodeJS.ProcessEnv;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    // The file is missing or unreadable: either way it names no driver.
    return '';
  }
}

/**
 * Finds the driver. The kernel's module and the library must both be there: a container sees the module of its machine
 * even where it may not use the GPU.
 */
export function findDriver({ root = '/', environment = process.env }: DriverSearch = {}): NvidiaDriver | null {
  if (process.platform !== 'linux') return null;
  const module = /^NVRM version:.*$/m.exec(read(join(root, 'proc/driver/nvidia/version')))?.[0] ?? '';
  const version = /(\d+\.\d+(?:\.\d+)?)/.exec(module)?.[1] ?? null;
  if (version === null && !existsSync(join(root, 'dev/dxg'))) return null;
  const folders = [...(environment['LD_LIBRARY_PATH'] ?? '').split(':').filter(Boolean), ...FOLDERS];
  const found =
    folders.some((folder) => existsSync(join(root, folder, LIBRARY))) ||
    read(join(root, 'etc/ld.so.cache')).includes(LIBRARY);
  return found ? { version } : null;
}
