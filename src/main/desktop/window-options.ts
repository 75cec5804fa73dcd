/** What the window's program was started with: `--home FOLDER`, and a folder that was opened with it. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';

export interface WindowOptions {
  home: string | undefined;
  /** To import; null: none. */
  folder: string | null;
}

/** False too for what can't be reached, a drive that is gone for example: it is no reason not to start. */
export function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/**
 * Electron and Chromium put arguments of their own among them, so nothing unknown is refused. In development the first
 * one is the program's own folder, which is not something to import.
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
