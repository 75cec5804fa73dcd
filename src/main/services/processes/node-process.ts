/**
 * Chooses the program that runs a process of plain Node. Under Electron it is a separate Node where there is one:
 * Electron's own Linux binary brings the system's glib, libvips (sharp) brings another, and decoding a first image
 * there ends the process by SIGSEGV, also in its Node mode (sharp.pixelplumbing.com/install#electron-and-linux).
 * Without one, as in packages for Windows and macOS, it is Electron as Node.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { appRoot } from '../../base/entry';

export interface NodeProgram {
  path: string;
  /** Additions to its environment. */
  env: Record<string, string>;
}

const NAME = process.platform === 'win32' ? 'node.exe' : 'node';

export interface Surroundings {
  /** Whether this process is Electron. */
  electron: boolean;
  execPath: string;
  /** A package's resources; undefined: none. */
  resources: string | undefined;
  root: string;
}

export function findNode({ electron, execPath, resources, root }: Surroundings): NodeProgram {
  if (!electron) return { path: execPath, env: {} };
  const places = [
    ...(resources ? [join(resources, 'node', NAME)] : []),
    join(root, 'node_modules', 'node', 'bin', NAME),
  ];
  const own = places.find(existsSync);
  return own ? { path: own, env: {} } : { path: execPath, env: { ELECTRON_RUN_AS_NODE: '1' } };
}

let found: NodeProgram | null = null;

export const nodeProgram = (): NodeProgram =>
  (found ??= findNode({
    electron: process.versions['electron'] !== undefined,
    execPath: process.execPath,
    // `resourcesPath` is Electron's addition to process.
    resources: (process as { resourcesPath?: string }).resourcesPath,
    root: appRoot(),
  }));
