/** Where an export goes: written aside, renamed into place whole, or not at all. */
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { AppError } from '../../../shared/errors';
import { hasEnded } from '../process-ended';
import { isExport } from './manifest';
import { makeFolder } from '../../make-folder';

/** The real folder to write. @throws AppError export_exists, io where something else is there that must stay */
export function checkDestination(out: string, force: boolean): string {
  const path = resolve(out);
  if (!existsSync(path)) {
    // A link to nowhere would be replaced by a folder.
    if (lstatSync(path, { throwIfNoEntry: false }))
      throw refused(path, 'It is a broken link.', 'Remove it, or choose another folder.');
    return path;
  }
  const real = realpathSync(path);
  if (!lstatSync(real).isDirectory()) throw refused(path, 'There is a file of this name.', 'Choose another folder.');
  if (!readdirSync(real).length) return real;
  if (!isExport(real))
    throw refused(
      path,
      'It is not empty and not an export of this program.',
      'Choose another folder; --force replaces exports only.',
    );
  if (!force)
    throw refused(path, 'There is an export already.', 'Choose another folder, or add --force to replace it.', 'export_exists');
  return real;
}

const refused = (path: string, why: string, next: string, code: 'io' | 'export_exists' = 'io'): AppError =>
  new AppError({ code, what: `Nothing can be exported to ${path}.`, why, next });

const asideName = (destination: string): string => `.${basename(destination)}.part-`;

/**
 * Puts right what an export to this place has left that was killed: its folder beside the place is removed, and what it was just replacing
 * comes back.
 */
export function clearAbandoned(out: string): void {
  const destination = existsSync(out) ? realpathSync(out) : resolve(out);
  const parent = dirname(destination);
  if (!existsSync(parent)) return;
  for (const name of readdirSync(parent)) {
    const pid = name.startsWith(asideName(destination))
      ? /^(\d+)-/.exec(name.slice(asideName(destination).length))?.[1]
      : undefined;
    if (pid === undefined || !hasEnded(Number(pid))) continue;
    const old = join(parent, name, 'old');
    if (existsSync(old) && !existsSync(destination)) renameSync(old, destination);
    rmSync(join(parent, name), { recursive: true, force: true });
  }
}

/**
 * Calls `fill` with an empty folder beside the destination, and puts it in place when that succeeds; otherwise nothing is left.
 * @param destination from `checkDestination`
 */
export async function writeAside<T>(destination: string, force: boolean, fill: (folder: string) => Promise<T>): Promise<T> {
  const parent = dirname(destination);
  makeFolder(parent);
  const aside = mkdtempSync(join(parent, `${asideName(destination)}${process.pid}-`));
  try {
    const folder = join(aside, 'new');
    mkdirSync(folder);
    const result = await fill(folder);
    // Another process may have written there meanwhile.
    checkDestination(destination, force);
    if (existsSync(destination)) {
      if (readdirSync(destination).length) renameSync(destination, join(aside, 'old'));
      else rmdirSync(destination);
    }
    renameSync(folder, destination);
    return result;
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}
