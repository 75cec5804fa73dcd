/** Finds files in an export's folder that are not the export's: they stay when the export is replaced. */
import { createHash } from 'node:crypto';
import {
  closeSync,
  copyFileSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  statSync,
  symlinkSync,
  type Dirent,
} from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { MANIFEST_FILE, readManifest, type WrittenFile } from './manifest';

const BLOCK = 1 << 22;

function sha256(path: string): string {
  const hash = createHash('sha256');
  const block = Buffer.alloc(BLOCK);
  const file = openSync(path, 'r');
  try {
    for (let read = readSync(file, block); read > 0; read = readSync(file, block)) hash.update(block.subarray(0, read));
  } finally {
    closeSync(file);
  }
  return hash.digest('hex');
}

interface Entry {
  /** Relative path with `/`. */
  path: string;
  entry: Dirent;
}

/** Lists everything below a folder except folders that hold something. Links are not followed. */
function entriesBelow(folder: string): Entry[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .map((entry) => ({ path: relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, '/'), entry }))
    .filter(({ path, entry }) => !entry.isDirectory() || readdirSync(join(folder, path)).length === 0);
}

/** Describes the files of an export, except the manifest itself, for the manifest. */
export function describeFiles(folder: string): WrittenFile[] {
  return entriesBelow(folder)
    .filter(({ path, entry }) => entry.isFile() && path !== MANIFEST_FILE)
    .map(({ path }) => ({ path, bytes: statSync(join(folder, path)).size, sha256: sha256(join(folder, path)) }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

const isAsWritten = (folder: string, { path, bytes, sha256: expected }: WrittenFile): boolean =>
  statSync(join(folder, path)).size === bytes && sha256(join(folder, path)) === expected;

/** Returns the files of an export that were changed since: replacing them would lose the changes. */
export function changedFiles(folder: string): string[] {
  const written = new Map(readManifest(folder).files?.map((file) => [file.path, file]));
  return entriesBelow(folder)
    .filter(({ path, entry }) => {
      const file = written.get(path);
      return file !== undefined && !(entry.isFile() && isAsWritten(folder, file));
    })
    .map(({ path }) => path);
}

/**
 * Returns the entries that are not the export's. In an export without a list of its files, as earlier versions wrote
 * it, only files that the new one also writes count as its own.
 * @param replacing folder of the new export
 */
export function foreignEntries(folder: string, replacing: string): Entry[] {
  const { files } = readManifest(folder);
  const own = new Set((files ?? entriesBelow(replacing)).map(({ path }) => path));
  return entriesBelow(folder).filter(({ path }) => path !== MANIFEST_FILE && !own.has(path));
}

/** Returns the first entry that would replace something in `target`, or be below a file of it; null: none. */
export function collision(entries: readonly Entry[], target: string): string | null {
  const there = new Set(entriesBelow(target).map(({ path }) => path));
  const meets = ({ path }: Entry): boolean =>
    [...there].some((other) => path === other || path.startsWith(`${other}/`) || other.startsWith(`${path}/`));
  return entries.find(meets)?.path ?? null;
}

/** Returns the first entry that is neither a file nor a folder nor a link; null: none. */
export const special = (entries: readonly Entry[]): string | null =>
  entries.find(({ entry }) => !entry.isFile() && !entry.isDirectory() && !entry.isSymbolicLink())?.path ?? null;

/** Links entries into another folder and leaves them where they are, so that an interruption loses nothing. */
export function linkEntries(entries: readonly Entry[], from: string, to: string): void {
  for (const { path, entry } of entries) {
    const [source, target] = [join(from, path), join(to, path)];
    mkdirSync(entry.isDirectory() ? target : dirname(target), { recursive: true });
    if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), target);
    else if (entry.isFile()) linkOrCopy(source, target);
  }
}

function linkOrCopy(source: string, target: string): void {
  try {
    linkSync(source, target);
  } catch (error) {
    // The file system has no hard links.
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'ENOSYS'].includes((error as NodeJS.ErrnoException).code ?? ''))
      throw error;
    copyFileSync(source, target);
  }
}
