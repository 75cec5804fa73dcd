/**
 * The data folder is its owner's alone: it names what is trained on, holds pictures of it, and whoever may write it
 * decides what is run.
 */
import { chmodSync, closeSync, existsSync, lstatSync, openSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DATABASE_NAME } from './home';
import { makeFolder } from './make-folder';

/** Folders that this program makes in a data folder; `exports` are their owner's to give away. */
const OWN_FOLDERS = ['cache', 'reviews', 'runs', 'tmp', 'window'];
const OWN = new Set([...OWN_FOLDERS, 'exports', 'reserve']);
const isOwn = (name: string): boolean => OWN.has(name) || name.startsWith(DATABASE_NAME);

const OTHERS = 0o077;
/** A folder like /tmp, or one whose group was set on purpose: whoever made it so shares it. */
const SET_GROUP = 0o2000;
const SHARED = 0o1000 | SET_GROUP;

/** Whether others may do something with what is ours. Windows has no such bits. */
function isOpen(path: string): boolean {
  if (process.platform === 'win32') return false;
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (!stats || stats.isSymbolicLink() || stats.uid !== process.getuid?.()) return false;
  return (stats.mode & OTHERS) !== 0 && (stats.mode & SHARED) === 0;
}

/**
 * Takes from others what they may do. A file system without owners (a USB stick's) refuses, and nothing can be done
 * about it.
 */
function close(path: string): void {
  if (!isOpen(path)) return;
  try {
    chmodSync(path, lstatSync(path).mode & 0o700);
  } catch (error) {
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'EROFS', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? ''))
      throw error;
  }
}

/**
 * Makes a data folder for its owner alone, or makes an existing one so. Where other things lie in it, what is this
 * program's is closed and the folder itself stays as it is: it may be one that others work in.
 * @throws what the system says, with its code
 */
export function makePrivateHome(home: string): void {
  makeFolder(dirname(home));
  makeFolder(home, 0o700);
  if (!isOpen(home)) return;
  const names = readdirSync(home);
  if (names.every(isOwn)) close(home);
  for (const name of names) if (OWN_FOLDERS.includes(name)) close(join(home, name));
}

/**
 * The database's file for its owner alone, made where it is missing: SQLite gives those beside it the same mode. In a
 * folder that hands its group on, several users may share it.
 */
export function makePrivateDatabase(path: string): void {
  if (process.platform === 'win32' || (statSync(dirname(path)).mode & SET_GROUP) !== 0) return;
  // Closing a file gives up all locks that this process has on it, those of its other connections too: another process
  // that ends would then take itself for the last one and remove the log that they write.
  if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600));
  for (const end of ['', '-wal', '-shm']) close(`${path}${end}`);
}
