/** Parses the arguments of the window's program: `--home FOLDER`, and a folder that was opened with it. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';

export interface WindowOptions {
  home: string | undefined;
  /** Folder to import; null: none. */
  folder: string | null;
}

/** Returns false too for an unreachable path, such as a missing drive, which must not prevent the start. */
export function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/**
 * Parses the arguments. Electron and Chromium add arguments of their own, so unknown ones are not refused. In
 * development the first one is the program's own folder, which is not to be imported.
 */
export function windowOptions(args: readonly string[], cwd: string, program: string): WindowOptions {
  let home: string | undefined;
  let folder: string | null = null;
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] as string;
    if (arg === '--home') home = args[++index];
    else if (arg.startsWith('--home=')) home = arg.slice('--home='.length);
    else if (!arg.startsWith('-') && resolve(cwd, arg) !== program && isFolder(resolve(cwd, arg)))
      folder ??= resolve(cwd, arg);
  }
  return { home: home || undefined, folder };
}
