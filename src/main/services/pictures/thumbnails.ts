/**
 * Thumbnails of files, by the pixel rules of docs/data.md, kept on disk by the file's identity (path, size, time) and
 * the size of the picture. Decoding runs in the picture process, a few at a time, so that a screenful doesn't block the
 * host's other work.
 */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { pictureOf } from './picture-process';

/** Bytes of the cache; clearing leaves the share below. */
const MOST_BYTES = 256 * 1024 * 1024;
const LEFT = 0.8;
/** Number of pictures written between two checks of the cache's size. */
const WRITES_BETWEEN = 2000;
/** A scanner's JPEG or TIFF can be large, but a file beyond this size is not read for a thumbnail. */
const LARGEST_FILE = 512 * 1024 * 1024;

export class Thumbnails {
  private readonly making = new Map<string, Promise<string | null>>();
  private readonly waiting: (() => void)[] = [];
  private free = Math.max(2, availableParallelism());
  private writes = 0;

  /** @param folder of the cache */
  constructor(
    private readonly folder: string,
    private readonly mostBytes = MOST_BYTES,
  ) {}

  /**
   * Returns a data URL; null for a file that is no readable image. @param size longest side; smaller images keep every
   * pixel
   */
  async of(file: string, size: number): Promise<string | null> {
    const found = await stat(file).catch(() => null);
    if (!found?.isFile() || found.size === 0 || found.size > LARGEST_FILE) return null;
    const key = createHash('sha256')
      .update(JSON.stringify([file, found.size, found.mtimeMs, size]))
      .digest('hex');
    const current = this.making.get(key) ?? this.read(key, file, size).finally(() => this.making.delete(key));
    this.making.set(key, current);
    return current;
  }

  private async read(key: string, file: string, size: number): Promise<string | null> {
    const place = join(this.folder, key.slice(0, 2), key);
    const kept = await readFile(place).catch(() => null);
    if (kept) return url(kept);
    await this.turn();
    try {
      const made = await pictureOf(file, size);
      if (made) await this.keep(place, made);
      return made && url(made);
    } finally {
      this.done();
    }
  }

  private turn(): Promise<void> | undefined {
    if (this.free > 0) {
      this.free--;
      return undefined;
    }
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  private done(): void {
    const next = this.waiting.shift();
    if (next) next();
    else this.free++;
  }

  /**
   * Writes under a name of its own first, because another host may write the same picture. A full disk costs the cache,
   * not the picture.
   */
  private async keep(place: string, bytes: Buffer): Promise<void> {
    try {
      await mkdir(dirname(place), { recursive: true });
      const aside = `${place}.${randomBytes(4).toString('hex')}`;
      await writeFile(aside, bytes);
      await rename(aside, place);
    } catch {
      return;
    }
    if (++this.writes % WRITES_BETWEEN === 1) void this.clear();
  }

  /** Removes the oldest pictures where the cache is too large. */
  async clear(): Promise<void> {
    const files: { path: string; bytes: number; time: number }[] = [];
    for (const entry of await readdir(this.folder, { recursive: true, withFileTypes: true }).catch(() => [])) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      const found = await stat(path).catch(() => null);
      if (found) files.push({ path, bytes: found.size, time: found.mtimeMs });
    }
    let total = files.reduce((sum, { bytes }) => sum + bytes, 0);
    if (total <= this.mostBytes) return;
    files.sort((a, b) => a.time - b.time);
    for (const { path, bytes } of files) {
      if (total <= LEFT * this.mostBytes) return;
      await rm(path, { force: true });
      total -= bytes;
    }
  }
}

const url = (bytes: Buffer): string =>
  `data:image/${bytes[0] === 0x89 ? 'png' : 'jpeg'};base64,${bytes.toString('base64')}`;

const caches = new Map<string, Thumbnails>();

/** Returns the data folder's cache. */
export function thumbnailsOf(home: string): Thumbnails {
  const known = caches.get(home) ?? new Thumbnails(join(home, 'cache', 'thumbnails'));
  caches.set(home, known);
  return known;
}
