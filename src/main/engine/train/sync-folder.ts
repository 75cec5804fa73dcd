import { closeSync, fsyncSync, openSync } from 'node:fs';

/** The system's functions, which a test can replace. */
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
 * Errors of Windows, which opens no folder as a file (EISDIR) or does not sync one (EPERM). NTFS keeps the order of
 * renames by its own journal.
 */
const UNKNOWN_THERE: readonly (string | undefined)[] = ['EPERM', 'EISDIR'];

/** Makes the names in a folder survive a power failure, where the system can. @throws the system's other errors */
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
