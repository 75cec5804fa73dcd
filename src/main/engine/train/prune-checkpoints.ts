import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { checkpointsFolder, listCheckpoints, type Checkpoint } from './checkpoint';
import { AWAY } from './replace-folder';

/**
 * Deletes all checkpoints but the newest `keepLast`, the best and those of the steps `also`. It also deletes what an
 * interrupted write or a rewound run left behind.
 * @returns the names of the checkpoints that are no longer there
 */
export function pruneCheckpoints(
  runFolder: string,
  newest: Checkpoint,
  keepLast: number,
  also: readonly number[] = [],
): string[] {
  const all = listCheckpoints(runFolder);
  const older = new Set(all.map(({ step }) => step).filter((step) => step <= newest.info.step));
  const kept = new Set([...older].slice(0, keepLast));
  for (const step of also) if (older.has(step)) kept.add(step);
  if (newest.info.best) kept.add(newest.info.best.step);
  const removed = all.filter(({ step }) => !kept.has(step)).map(({ folder }) => folder);
  const replaced = all.filter(({ folder }) => isReplaced(folder)).map(({ folder }) => folder);
  for (const folder of [...replaced, ...removed]) rmSync(folder, { recursive: true, force: true });
  for (const name of readdirSync(checkpointsFolder(runFolder))) {
    if (name.startsWith('.') && name.endsWith('.part'))
      rmSync(join(checkpointsFolder(runFolder), name), { recursive: true, force: true });
  }
  return [...new Set(removed.map(nameOf))];
}

const nameOf = (folder: string): string => (folder.endsWith(AWAY) ? folder.slice(0, -AWAY.length) : folder);

/** Says whether it was moved away and its replacement is there. */
const isReplaced = (folder: string): boolean => folder.endsWith(AWAY) && existsSync(nameOf(folder));
