import { existsSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { syncFolder } from './sync-folder';

/** Suffix of a folder's name while another takes its place. */
export const AWAY = '.old';

/**
 * Renames `aside` to `folder`. A folder of that name is moved away first and removed last: a system has no way to
 * exchange two folders at once, and whenever this is interrupted, one of the two is complete under a name that
 * `listCheckpoints` knows.
 */
export function replaceFolder(aside: string, folder: string): void {
  const parent = dirname(folder);
  const away = `${folder}${AWAY}`;
  if (existsSync(folder)) {
    // An earlier replacement ended before its last line; the folder that took its place is there.
    rmSync(away, { recursive: true, force: true });
    renameSync(folder, away);
  }
  renameSync(aside, folder);
  syncFolder(parent);
  rmSync(away, { recursive: true, force: true });
}
