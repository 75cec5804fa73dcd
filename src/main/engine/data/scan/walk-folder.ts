import { closeSync, openSync, opendirSync, readSync, realpathSync, statSync, type Dirent } from 'node:fs';
import { join, relative } from 'node:path';
import { byCodePoint } from '../../../../shared/code-points';
import { ignoredReason, systemReason, type Problem } from './entries';

/** Files below a folder, depth first, entries sorted by name. Links are followed once; loops, broken links and unreadable folders are reported. */
export function* walkFolder(
  root: string,
  folder: string,
  report: (problem: Problem) => void,
  above: ReadonlySet<string> = new Set(),
): Generator<string> {
  const own = new Set(above).add(realpathSync(folder));
  for (const entry of entriesOf(root, folder, report)) {
    const path = join(folder, entry.name);
    const shown = relative(root, path);
    const ignored = ignoredReason(entry.name);
    if (ignored) {
      reportIgnored(root, path, entry, ignored, report);
      continue;
    }
    const kind = kindOf(path, entry);
    if (kind === 'folder') {
      if (own.has(realpathSync(path))) report({ kind: 'link_loop', path: shown, reason: 'It leads back to a folder above it.' });
      else yield* walkFolder(root, path, report, own);
    } else if (kind === 'file') yield shown;
    else
      report({
        kind: kind === 'loop' ? 'link_loop' : kind === 'broken' ? 'broken_link' : 'unreadable',
        path: shown,
        reason:
          kind === 'broken'
            ? 'What it links to is not there.'
            : kind === 'loop'
              ? 'It links to itself.'
              : 'It is neither a file nor a folder.',
      });
  }
}

/** A skipped file, or each file of a skipped folder: none of them goes unnamed. */
function reportIgnored(root: string, path: string, entry: Dirent, reason: string, report: (problem: Problem) => void): void {
  const shown = relative(root, path);
  const inside = entry.isDirectory() ? [...filesBelow(path)] : [];
  if (!inside.length) report({ kind: 'ignored', path: shown, reason });
  for (const file of inside) report({ kind: 'ignored', path: relative(root, file), reason: `It is in ${shown}. ${reason}` });
}

function* filesBelow(folder: string): Generator<string> {
  for (const entry of entriesOf(folder, folder, () => undefined)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else yield path;
  }
}

function entriesOf(root: string, folder: string, report: (problem: Problem) => void): Dirent[] {
  const entries: Dirent[] = [];
  try {
    const handle = opendirSync(folder, { bufferSize: 1024 });
    try {
      for (let entry = handle.readSync(); entry; entry = handle.readSync()) entries.push(entry);
    } finally {
      handle.closeSync();
    }
  } catch (error) {
    report({
      kind: 'unreadable',
      path: relative(root, folder) || '.',
      reason: `The folder can't be read: ${systemReason(error)}.`,
    });
  }
  return entries.sort((a, b) => byCodePoint(a.name, b.name));
}

function kindOf(path: string, entry: Dirent): 'file' | 'folder' | 'broken' | 'loop' | 'other' {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'folder';
  if (!entry.isSymbolicLink()) return 'other';
  try {
    const target = statSync(path);
    return target.isDirectory() ? 'folder' : target.isFile() ? 'file' : 'other';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ELOOP' ? 'loop' : 'broken';
  }
}

/** The first bytes of a file. */
export function headOf(path: string, length: number): Buffer {
  const handle = openSync(path, 'r');
  try {
    const buffer = Buffer.alloc(length);
    return buffer.subarray(0, readSync(handle, buffer, 0, length, 0));
  } finally {
    closeSync(handle);
  }
}
