/** Accepts paths from a window only below what the user has picked, and below the program's own data folder. */
import { realpathSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { dirname, join, resolve, sep, basename } from 'node:path';
import { AppError } from '../../../shared/errors';
import { inTime } from './in-time';

/** Returns the real path of something that may not exist yet: links on the way can't lead out of a grant. */
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

/**
 * Turns the system's error about a path into one that a user can act on.
 * @returns the error itself where it is none of the system's
 */
function unreachable(path: string, error: unknown): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === undefined || error instanceof AppError) return error;
  return new AppError(
    {
      code: 'io',
      what: `${path} can't be reached.`,
      why: `The system says: ${message}.`,
      next: 'Check that its disk or network drive is there and that you may read it, then try again.',
    },
    { cause: error },
  );
}

export class Grants {
  private readonly roots = new Set<string>();

  /**
   * @param roots folders that exist
   * @param later folders that may be unreachable: each is resolved only when a path below it is used
   */
  constructor(
    roots: readonly string[],
    private readonly later: () => readonly string[] = () => [],
  ) {
    for (const root of roots) this.add(root);
  }

  /** Grants a path. @returns the path as it will be used @throws AppError io where it can't be reached */
  add(path: string): string {
    const granted = resolved(path);
    this.roots.add(granted);
    return granted;
  }

  /** Says whether a path is granted. @throws AppError io where it can't be reached */
  allows(path: string): boolean {
    const asked = resolved(path);
    return [...this.roots].some((root) => isBelow(asked, root)) || this.allowsLater(resolve(path), asked);
  }

  /** Checks a path. @returns the real path @throws AppError usage, io */
  check(path: string): string {
    if (this.allows(path)) return resolved(path);
    throw new AppError({
      code: 'usage',
      what: `${path} was not picked here.`,
      why: 'The window may only use folders and files that were picked, dropped or imported.',
      next: 'Pick it in the dialog first.',
    });
  }

  /** Does the same as `check`, without blocking the host on a drive that doesn't answer. */
  async checkInTime(path: string): Promise<string> {
    await answers(path);
    return this.check(path);
  }

  /** Does the same as `add`, without blocking the host. */
  async addInTime(path: string): Promise<string> {
    await answers(path);
    return this.add(path);
  }

  private allowsLater(path: string, asked: string): boolean {
    return this.later().some((folder) => {
      const root = resolve(folder);
      // Other roots don't matter here, and resolving them may hang.
      if (!isBelow(path, root) && !isBelow(asked, root)) return false;
      return isBelow(asked, resolved(root));
    });
  }
}

function resolved(path: string): string {
  try {
    return realPath(path);
  } catch (error) {
    throw unreachable(path, error);
  }
}

/** Returns the real path. @throws AppError io */
export async function realPathInTime(path: string): Promise<string> {
  await answers(path);
  return resolved(path);
}

/** Returns once the file system has answered anything about the path. @throws AppError io where it doesn't */
async function answers(path: string): Promise<void> {
  await inTime(path, () =>
    realpath(path).then(
      () => undefined,
      () => undefined,
    ),
  );
}
