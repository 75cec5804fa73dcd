import { existsSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { syncFolder } from './sync-folder';

/** What the name of a folder ends in while another takes its place. */
export const AWAY = '.old';

/**
 * Renames `aside` to `folder`. A folder of that name is moved away first and removed last: a system has no way to
 * exchange two folders at once, and whenever this is cut short one of the two is whole under a name that
 * `listCheckpoints` knows.
 */
export function replaceFolder(aside: string, folder: string): void {
  const parent = dirname(folder);
  const away = `${folder}${AWAY}`;
  if (existsSync(folder)) {
    // Left by an earlier replacement that ended before its last line: what took its place is there.
    rmSync(away, { recursive: true, force: true });
    renameSync(folder, away);
  }
  renameSync(aside, folder);
  syncFolder(parent);
  rmSync(away, { recursive: true, force: true });
}
