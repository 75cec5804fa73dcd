/** Places an export: it is written aside and renamed into place as a whole, or not at all. */
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
} from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { AppError, type ErrorAction } from '../../../shared/errors';
import { hasEnded } from '../../base/process-ended';
import { changedFiles, collision, foreignEntries, linkEntries, special } from './foreign-files';
import { isExport } from './manifest';
import { makeFolder } from '../../base/make-folder';

/**
 * Returns the real folder to write.
 * @param within a folder that nothing may be written outside of; null: anywhere
 * @throws AppError export_exists, io where something else is there that must stay, or a link leads out of `within`
 */
export function checkDestination(out: string, force: boolean, within: string | null = null): string {
  const path = resolve(out);
  if (within !== null) refuseOutside(path, within);
  if (!existsSync(path)) {
    // A broken link would be replaced by a folder.
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
      { id: 'other_folder' },
    );
  if (!force)
    throw refused(
      path,
      'There is an export already.',
      'Choose another folder, or add --force to replace it.',
      { id: 'replace_export' },
      'export_exists',
    );
  const [changed] = changedFiles(real);
  if (changed !== undefined)
    throw refused(path, `${changed} was changed since it was exported.`, MOVE_AWAY, { id: 'move_file' });
  return real;
}

const MOVE_AWAY = 'Move that file away, or choose another folder; --force replaces only what an export wrote.';

/** Refuses a place outside. @throws AppError io unless `path` is directly in `within` and is no link out of it */
function refuseOutside(path: string, within: string): void {
  if (dirname(path) !== resolve(within))
    throw refused(path, `It does not lie in ${within}, the folder that was picked.`, 'Choose another name.');
  if (!lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() || !existsSync(path)) return;
  const folder = realpathSync(within);
  if (!realpathSync(path).startsWith(folder.endsWith(sep) ? folder : folder + sep))
    throw refused(path, `It is a link that leads out of ${within}.`, 'Choose another name, or remove the link.');
}

const refused = (
  path: string,
  why: string,
  next: string,
  action?: ErrorAction,
  code: 'io' | 'export_exists' = 'io',
): AppError => new AppError({ code, what: `Nothing can be exported to ${path}.`, why, next, action });

const asideName = (destination: string): string => `.${basename(destination)}.part-`;

/**
 * Cleans up after an export to this place that was killed: its folder beside the place is removed, and what it was just
 * replacing is restored.
 */
export function clearAbandoned(out: string): void {
  const destination = existsSync(out) ? realpathSync(out) : resolve(out);
  const parent = dirname(destination);
  if (!existsSync(parent)) return;
  for (const name of readdirSync(parent)) {
    const pid = name.startsWith(asideName(destination))
      ? /^(\d+)-/.exec(name.slice(asideName(destination).length))?.[1]
      : undefined;
    if (pid === undefined || !hasEnded(Number(pid)) || !isAside(join(parent, name))) continue;
    const old = join(parent, name, 'old');
    if (existsSync(old) && !existsSync(destination)) renameSync(old, destination);
    rmSync(join(parent, name), { recursive: true, force: true });
  }
}

/** Says whether a folder holds only what `writeAside` puts there. */
const isAside = (folder: string): boolean =>
  lstatSync(folder).isDirectory() && readdirSync(folder).every((name) => name === 'new' || name === 'old');

/** Links files of the replaced export that are not part of it into the new one. @returns their paths */
function keepForeign(destination: string, folder: string): string[] {
  const foreign = foreignEntries(destination, folder);
  const met = collision(foreign, folder);
  if (met !== null)
    throw refused(destination, `${met} is there, which no export wrote.`, MOVE_AWAY, { id: 'move_file' });
  const odd = special(foreign);
  if (odd !== null)
    throw refused(destination, `${odd} is there, which is neither a file nor a folder.`, MOVE_AWAY, {
      id: 'move_file',
    });
  linkEntries(foreign, destination, folder);
  return foreign.map(({ path }) => path).sort();
}

/**
 * Calls `fill` with an empty folder beside the destination, and puts it in place when that succeeds; otherwise it
 * leaves nothing behind.
 * @param destination from `checkDestination`
 * @returns the result of `fill`, and the files of the folder that were not an export's and have stayed
 */
export async function writeAside<T>(
  destination: string,
  force: boolean,
  fill: (folder: string) => Promise<T>,
): Promise<{ result: T; kept: string[] }> {
  const parent = dirname(destination);
  makeFolder(parent);
  const aside = mkdtempSync(join(parent, `${asideName(destination)}${process.pid}-`));
  try {
    const folder = join(aside, 'new');
    mkdirSync(folder);
    const result = await fill(folder);
    // Another process may have written there meanwhile.
    checkDestination(destination, force);
    let kept: string[] = [];
    if (existsSync(destination)) {
      if (readdirSync(destination).length) {
        kept = keepForeign(destination, folder);
        renameSync(destination, join(aside, 'old'));
      } else rmdirSync(destination);
    }
    renameSync(folder, destination);
    return { result, kept };
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}
