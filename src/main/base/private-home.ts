/**
 * Makes the data folder private to its owner: it names what is trained on, holds pictures of it, and a process that may
 * write it decides what is run.
 */
import { chmodSync, closeSync, existsSync, lstatSync, openSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DATABASE_NAME } from './home';
import { makeFolder } from './make-folder';

/** Folders that this program makes in a data folder; its owner may share `exports`. */
const OWN_FOLDERS = ['cache', 'reviews', 'runs', 'tmp', 'window'];
const OWN = new Set([...OWN_FOLDERS, 'exports', 'reserve']);
const isOwn = (name: string): boolean => OWN.has(name) || name.startsWith(DATABASE_NAME);

const OTHERS = 0o077;
/** Mode bit of a folder like /tmp, or of one whose group was set on purpose: its creator shares it. */
const SET_GROUP = 0o2000;
const SHARED = 0o1000 | SET_GROUP;

/** Says whether others have permissions on our files. Windows has no such bits. */
function isOpen(path: string): boolean {
  if (process.platform === 'win32') return false;
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (!stats || stats.isSymbolicLink() || stats.uid !== process.getuid?.()) return false;
  return (stats.mode & OTHERS) !== 0 && (stats.mode & SHARED) === 0;
}

/**
 * Removes the permissions of others. A file system without owners (a USB stick's) refuses, and nothing can be done
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
 * Makes a data folder private to its owner, new or existing. Where it holds other things, this program's files are made
 * private and the folder itself stays as it is, because others may work in it.
 * @throws the system's error, with its code
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
 * Makes the database's file private to its owner, and creates it where it is missing: SQLite gives the files beside it
 * the same mode. In a folder that hands its group on, several users may share it.
 */
export function makePrivateDatabase(path: string): void {
  if (process.platform === 'win32' || (statSync(dirname(path)).mode & SET_GROUP) !== 0) return;
  // Closing a file releases all locks that this process has on it, those of its other connections too. Another process
  // that ends would then think it is the last one and remove the log that they write.
  if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600));
  for (const end of ['', '-wal', '-shm']) close(`${path}${end}`);
}
