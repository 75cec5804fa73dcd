/** File browser of a host without dialogs: it shows what is below its allowed folders, and nothing else. */
import { readdir, realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Result } from '../../../shared/contract';
import { AppError } from '../../../shared/errors';
import { isBelow, realPathInTime } from './grants';
import { inTime } from './in-time';

type Listing = Result<'files.browse'>;

/** Number of files shown: a folder of a class holds thousands of images, and nobody picks one of them from a list. */
const MOST_FILES = 1000;

const byName = (a: { name: string }, b: { name: string }): number =>
  a.name.localeCompare(b.name, 'en', { numeric: true });

/** Checks a path. @returns the real path @throws AppError usage, io */
export async function checkAllowed(allowed: readonly string[], path: string): Promise<string> {
  const real = await realPathInTime(path);
  if (allowed.some((folder) => isBelow(real, folder))) return real;
  throw new AppError({
    code: 'usage',
    what: `${path} can't be used from this window.`,
    why: `It is outside the allowed folders: ${allowed.join(', ')}.`,
    next: 'Start `efficienttrain serve` with --allow FOLDER to allow another.',
    action: { id: 'allowed_folder' },
  });
}

async function entryOf(
  allowed: readonly string[],
  folder: string,
  name: string,
): Promise<{ folder: boolean; bytes: number } | null> {
  const path = join(folder, name);
  // It was removed meanwhile, or is a broken link or one to the outside: it is not shown.
  const found = await inTime(path, () => Promise.all([stat(path), realpath(path)])).catch(() => null);
  if (!found) return null;
  const [stats, real] = found;
  if (!allowed.some((root) => isBelow(real, root))) return null;
  return stats.isDirectory()
    ? { folder: true, bytes: 0 }
    : stats.isFile()
      ? { folder: false, bytes: stats.size }
      : null;
}

function failed(path: string, error: NodeJS.ErrnoException): AppError {
  const why =
    error.code === 'ENOENT'
      ? 'It is not there.'
      : error.code === 'ENOTDIR'
        ? 'It is a file.'
        : `The system says: ${error.message}.`;
  return new AppError({ code: 'io', what: `${path} can't be opened.`, why, next: 'Choose another folder.' });
}

/** Lists a folder without hidden entries. @param allowed real paths @param path null: the allowed folders themselves */
export async function browseFolder(allowed: readonly string[], path: string | null): Promise<Listing> {
  if (path === null)
    return { path: null, parent: null, folders: allowed.map((folder) => ({ name: folder, path: folder })), files: [] };
  const folder = await checkAllowed(allowed, path);
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    throw failed(folder, error);
  });
  const shown = entries.filter(({ name }) => !name.startsWith('.')).sort(byName);
  const folders: Listing['folders'] = [];
  const files: Listing['files'] = [];
  for (const entry of shown) {
    if (entry.isFile() && files.length >= MOST_FILES) continue;
    const { name } = entry;
    const found = entry.isDirectory() ? { folder: true, bytes: 0 } : await entryOf(allowed, folder, name);
    if (found?.folder) folders.push({ name, path: join(folder, name) });
    else if (found) files.push({ name, path: join(folder, name), bytes: found.bytes });
  }
  const above = dirname(folder);
  const parent = above !== folder && allowed.some((root) => isBelow(above, root)) ? above : null;
  return { path: folder, parent, folders, files };
}
