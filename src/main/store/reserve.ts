/**
 * A little disk held back beside the database. On a full disk a host gives it up, so that it can open the database,
 * show what there is and let the user remove something.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The file that connections share, and the log of a few transactions. */
const BYTES = 256 * 1024;
/** It is taken only from a disk that has many times as much. */
const LEAST_FREE = 64 * BYTES;

const reservePath = (database: string): string => join(dirname(database), 'reserve');

/** Takes it where there is room, and none yet. */
export function holdReserve(database: string): void {
  const path = reservePath(database);
  if (existsSync(path)) return;
  try {
    const { bavail, bsize } = statfsSync(dirname(database));
    if (bavail * bsize < LEAST_FREE) return;
    // Bytes that no file system packs into fewer.
    writeFileSync(path, randomBytes(BYTES), { mode: 0o600 });
  } catch {
    // It is a precaution: without it a full disk is told at the start instead.
    rmSync(path, { force: true });
  }
}

/** @returns whether there was one */
export function spendReserve(database: string): boolean {
  const path = reservePath(database);
  if (!existsSync(path)) return false;
  rmSync(path);
  return true;
}
