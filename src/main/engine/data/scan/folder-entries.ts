import { opendirSync, type Dirent } from 'node:fs';

/** Number of entries that are read at once. */
const AT_ONCE = 1024;

/**
 * Yields the entries of a folder in the file system's order. Entries read before an error are kept; the error goes to
 * `failed`.
 */
export function folderEntries(folder: string, failed: (error: unknown) => void): Dirent[] {
  const entries: Dirent[] = [];
  try {
    const handle = opendirSync(folder, { bufferSize: AT_ONCE });
    try {
      for (let entry = handle.readSync(); entry; entry = handle.readSync()) entries.push(entry);
    } finally {
      handle.closeSync();
    }
  } catch (error) {
    failed(error);
  }
  return entries;
}
