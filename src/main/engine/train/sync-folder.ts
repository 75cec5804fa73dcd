import { closeSync, fsyncSync, openSync } from 'node:fs';

/** What is called, so that a test can put another system in its place. */
export interface FolderSystem {
  platform: NodeJS.Platform;
  open: (path: string) => number;
  sync: (handle: number) => void;
  close: (handle: number) => void;
}

const OWN: FolderSystem = {
  platform: process.platform,
  open: (path) => openSync(path, 'r'),
  sync: fsyncSync,
  close: closeSync,
};

/**
 * Windows opens no folder as a file (EISDIR) or does not sync one (EPERM); NTFS keeps the order of renames by its own
 * journal.
 */
const UNKNOWN_THERE: readonly (string | undefined)[] = ['EPERM', 'EISDIR'];

/** Makes the names in a folder outlive a power failure, where the system can. @throws what the system says otherwise */
export function syncFolder(path: string, { platform, open, sync, close }: FolderSystem = OWN): void {
  try {
    const handle = open(path);
    try {
      sync(handle);
    } finally {
      close(handle);
    }
  } catch (error) {
    if (platform !== 'win32' || !UNKNOWN_THERE.includes((error as NodeJS.ErrnoException).code)) throw error;
  }
}
