/** Paths from a window are accepted only below what the user has picked, and below the program's own data folder. */
import { realpathSync } from 'node:fs';
import { dirname, join, resolve, sep, basename } from 'node:path';
import { AppError } from '../../../shared/errors';

/** The real path of something that may not exist yet: links on the way can't lead out of a grant. */
export function realPath(path: string): string {
  const absolute = resolve(path);
  try {
    return realpathSync(absolute);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(absolute) === absolute) throw error;
    return join(realPath(dirname(absolute)), basename(absolute));
  }
}

export const isBelow = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);

export class Grants {
  private readonly roots = new Set<string>();

  constructor(roots: readonly string[]) {
    for (const root of roots) this.add(root);
  }

  /** @returns the path as it will be used */
  add(path: string): string {
    const granted = realPath(path);
    this.roots.add(granted);
    return granted;
  }

  allows(path: string): boolean {
    const asked = realPath(path);
    return [...this.roots].some((root) => isBelow(asked, root));
  }

  /** @returns the real path @throws AppError usage */
  check(path: string): string {
    if (this.allows(path)) return realPath(path);
    throw new AppError({
      code: 'usage',
      what: `${path} was not picked here.`,
      why: 'The window may only use folders and files that were picked, dropped or imported.',
      next: 'Pick it in the dialog first.',
    });
  }
}
