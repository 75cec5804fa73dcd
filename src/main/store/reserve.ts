/**
 * A little disk space held back beside the database. On a full disk a host releases it, so that it can open the
 * database, show the runs and let the user remove something.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Size of the file that connections share, and of the log of a few transactions. */
const BYTES = 256 * 1024;
/** It is reserved only on a disk that has many times as much free. */
const LEAST_FREE = 64 * BYTES;

const reservePath = (database: string): string => join(dirname(database), 'reserve');

/** Reserves the space where there is room, and none is reserved yet. */
export function holdReserve(database: string): void {
  const path = reservePath(database);
  if (existsSync(path)) return;
  try {
    const { bavail, bsize } = statfsSync(dirname(database));
    if (bavail * bsize < LEAST_FREE) return;
    // No file system can compress random bytes.
    writeFileSync(path, randomBytes(BYTES), { mode: 0o600 });
  } catch {
    // It is a precaution: without it a full disk is reported at the start instead.
    rmSync(path, { force: true });
  }
}

/** Releases the space. @returns whether there was any */
export function spendReserve(database: string): boolean {
  const path = reservePath(database);
  if (!existsSync(path)) return false;
  rmSync(path);
  return true;
}
