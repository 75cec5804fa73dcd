/**
 * Inspects folders briefly before anything is listed. It reads enough to find their layout, and a bounded amount
 * however many files there are.
 */
import { existsSync, opendirSync, readdirSync, statSync, type Dirent } from 'node:fs';
import { join } from 'node:path';
import { byCodePoint } from '../../../../shared/code-points';
import { ignoredReason } from '../scan/entries';

/** Number of entries read of one folder. A class may hold a million files, and the first ones show what it is. */
const ENTRIES = 5000;
/** Depth to which images are searched for below a folder. */
const DEPTH = 5;

export interface Look {
  /** Names of the folders in it that may hold data, in code point order. */
  folders: string[];
  /** Whether it directly holds an image, judged by names. */
  hasImages: boolean;
}

/** Says whether a name is that of an image: by its extension, or a number without one. */
export const isImageName = (name: string): boolean =>
  /(\.(jpe?g|jpe|jfif|png|webp|gif|tiff?|bmp|dib)|^[^.]*\d[^.]*)$/i.test(name);

function isFolder(path: string, entry: Dirent): boolean {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  try {
    return statSync(path).isDirectory();
  } catch {
    // A link that leads nowhere or to itself is reported by the walk.
    return false;
  }
}

/** Yields the first entries of a folder that may be data; none for a folder that can't be read: the walk reports it. */
function* entriesOf(folder: string, most: number): Generator<{ name: string; isFolder: boolean }> {
  try {
    const handle = opendirSync(folder, { bufferSize: 256 });
    try {
      let entry = handle.readSync();
      for (let seen = 0; entry && seen < most; seen++, entry = handle.readSync()) {
        if (ignoredReason(entry.name)) continue;
        // A name that is not UTF-8 is reported by the walk.
        if (entry.name.includes('\ufffd') && !existsSync(join(folder, entry.name))) continue;
        yield { name: entry.name, isFolder: isFolder(join(folder, entry.name), entry) };
      }
    } finally {
      handle.closeSync();
    }
  } catch {
    return;
  }
}

/**
 * Inspects a folder. @param entries that are read at most @returns nothing for a folder that can't be read: the walk
 * reports it
 */
export function lookInto(folder: string, entries = ENTRIES): Look {
  const look: Look = { folders: [], hasImages: false };
  for (const entry of entriesOf(folder, entries)) {
    if (entry.isFolder) look.folders.push(entry.name);
    else look.hasImages ||= isImageName(entry.name);
  }
  look.folders.sort(byCodePoint);
  return look;
}

/** Says whether a folder directly holds an image. It reads no further than to the first. */
export function hasOwnImages(folder: string): boolean {
  for (const { name, isFolder } of entriesOf(folder, ENTRIES)) if (!isFolder && isImageName(name)) return true;
  return false;
}

/** Says whether there is an image anywhere below a folder. */
export function holdsImages(folder: string, depth = DEPTH): boolean {
  if (hasOwnImages(folder)) return true;
  return (
    depth > 1 &&
    lookInto(folder)
      .folders.slice(0, 50)
      .some((name) => holdsImages(join(folder, name), depth - 1))
  );
}

/**
 * Counts the files below a folder up to a limit, without following links, and those of them that are named as images.
 */
export function sampleNames(folder: string, most: number): { files: number; images: number } {
  const [counted, waiting] = [{ files: 0, images: 0 }, [folder]];
  for (let next = waiting.shift(); next !== undefined && counted.files < most; next = waiting.shift()) {
    for (const entry of readable(next)) {
      if (entry.isDirectory()) waiting.push(join(next, entry.name));
      else if (counted.files < most) {
        counted.files++;
        if (isImageName(entry.name)) counted.images++;
      }
    }
  }
  return counted;
}

function readable(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    // A folder that can't be read counts as empty.
    return [];
  }
}

/**
 * Descends through folders that hold nothing but one folder of folders: `dataset/dataset/train` is below
 * `dataset/dataset`.
 */
export function unwrap(folder: string, isEnd: (name: string) => boolean): string[] {
  const way: string[] = [];
  while (way.length < 8) {
    const here = join(folder, ...way);
    const { folders, hasImages } = lookInto(here);
    if (!folders.length || folders.length > 8) return way;
    const filled = folders.length === 1 ? folders : folders.filter((name) => holdsImages(join(here, name)));
    const [only] = filled;
    if (only === undefined || filled.length > 1 || isEnd(only)) return way;
    const below = lookInto(join(here, only));
    // A picture beside splits, or beside the folder that holds them, makes no class of that folder.
    const holdsSplits = below.folders.filter(isEnd).length > 1;
    if (!holdsSplits && (hasImages || below.hasImages || !below.folders.length)) return way;
    way.push(only);
  }
  return way;
}
