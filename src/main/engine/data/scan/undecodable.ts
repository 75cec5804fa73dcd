/**
 * Handles names that are not UTF-8, as old archives leave them. No record, table or message can hold such a name
 * without changing it, and a file is found again only under its own bytes. These files are therefore reported, with
 * their names as far as possible, and left out.
 */
import { isUtf8 } from 'node:buffer';
import { readdirSync, type Dirent } from 'node:fs';
import { relative, sep } from 'node:path';
import type { Problem } from './entries';

export interface Undecodable {
  entry: Dirent<Buffer>;
  /** The name as Node reads it, with U+FFFD for undecodable bytes. */
  asRead: string;
}

/** Returns the name with `\xe9` for a byte that is not UTF-8. */
export function shownBytes(name: Buffer): string {
  let shown = '';
  for (let at = 0; at < name.length;) {
    const length = [4, 3, 2, 1].find(
      (count) => at + count <= name.length && isOneLetter(name.subarray(at, at + count)),
    );
    shown += length
      ? name.toString('utf8', at, at + length)
      : `\\x${(name[at] as number).toString(16).padStart(2, '0')}`;
    at += length ?? 1;
  }
  return shown;
}

const isOneLetter = (bytes: Buffer): boolean => isUtf8(bytes) && [...bytes.toString('utf8')].length === 1;

/** Returns the entries of a folder whose names are not UTF-8. */
export function undecodable(folder: string, entries: readonly { name: string }[]): Undecodable[] {
  if (!entries.some(({ name }) => name.includes('\ufffd'))) return [];
  return readdirSync(folder, { encoding: 'buffer', withFileTypes: true }).flatMap((entry) =>
    isUtf8(entry.name) ? [] : [{ entry, asRead: entry.name.toString('utf8') }],
  );
}

/** Reports such files, and each file in such folders. */
export function reportUndecodable(
  root: string,
  folder: string,
  found: readonly Undecodable[],
  report: (problem: Problem) => void,
): void {
  const above = relative(root, folder);
  for (const { entry } of found) {
    const name = shownBytes(entry.name);
    const shown = above ? `${above}${sep}${name}` : name;
    const inside = entry.isDirectory()
      ? [...filesIn(Buffer.concat([Buffer.from(folder + sep), entry.name]), shown)]
      : [];
    const reason = `${inside.length ? `It is in ${shown}, whose name` : 'Its name'} is not UTF-8 (\\x stands for a byte that is not). Rename it, or unpack its archive with the right encoding.`;
    for (const path of inside.length ? inside : [shown]) report({ kind: 'unreadable', path, reason });
  }
}

function* filesIn(folder: Buffer, shown: string): Generator<string> {
  let entries: Dirent<Buffer>[] = [];
  try {
    entries = readdirSync(folder, { encoding: 'buffer', withFileTypes: true });
  } catch {
    // It can't be entered, so the folder itself is reported.
    return;
  }
  for (const entry of entries.sort((a, b) => Buffer.compare(a.name, b.name))) {
    const path = `${shown}${sep}${shownBytes(entry.name)}`;
    if (entry.isDirectory()) yield* filesIn(Buffer.concat([folder, Buffer.from(sep), entry.name]), path);
    else yield path;
  }
}
