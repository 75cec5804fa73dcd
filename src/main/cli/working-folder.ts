/** Checks the folder that a command was started in: it may have been removed, and it must not be replaced. */
import { existsSync, realpathSync } from 'node:fs';
import { resolve, sep } from 'node:path';
import { AppError } from '../../shared/errors';

/** Checks that it exists. @throws AppError not_found where it does not: relative paths would mean nothing */
export function needWorkingFolder(): void {
  try {
    process.cwd();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
    throw new AppError(
      {
        code: 'not_found',
        what: 'The folder that this command was started in is gone.',
        why: 'It was removed, or replaced by another of the same name.',
        next: 'Change to a folder that is there (`cd .` where it was replaced), and run the command again.',
      },
      { cause },
    );
  }
}

/**
 * Refuses to replace the working folder. @throws AppError usage where `out`, which is replaced as a whole, is the
 * working folder or contains it
 */
export function refuseWorkingFolder(out: string): void {
  if (!existsSync(out)) return;
  const [folder, own] = [realpathSync(resolve(out)), process.cwd()];
  if (own !== folder && !own.startsWith(folder.endsWith(sep) ? folder : folder + sep)) return;
  throw new AppError({
    code: 'usage',
    what: `Nothing can be exported to ${folder}.`,
    why: 'An export puts a new folder in place of the one that is there, and this command was started in it.',
    next: 'Give the name of a folder in it or elsewhere, as in --out model.',
  });
}
