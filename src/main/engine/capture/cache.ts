/**
 * Traced graphs on disk, so that a second run of the same model, sizes and batch starts at once. An entry is written
 * aside and renamed, checked before use, and rebuilt where it is damaged; the least recently used ones go when the
 * cache grows too large.
 */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import type { SessionManifest } from './session';

const GRAPH_FILE = 'saved_model.pb';
const MANIFEST_FILE = 'signatures.json';
const LARGEST_CACHE = 1 << 30;
/** Ends the name of an entry that is being written. */
const PART = '.part';
/** What has been half written for longer than this was left behind. */
const LONGEST_WRITE_MS = 3_600_000;

interface Manifest extends SessionManifest {
  sha256: string;
}

export interface CachedGraph {
  folder: string;
  manifest: SessionManifest;
  /** Whether it lies outside the cache, which could not take it, and is to be removed once it is loaded. */
  temporary: boolean;
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Name of the entry that everything in `key` leads to. */
export const graphKey = (key: unknown): string => sha256(Buffer.from(JSON.stringify(key))).slice(0, 32);

/** The entry, if it is whole. */
export function findGraph(cacheFolder: string, name: string): CachedGraph | null {
  const folder = join(cacheFolder, name);
  if (!existsSync(join(folder, MANIFEST_FILE))) return null;
  try {
    const { sha256: expected, ...manifest } = JSON.parse(readFileSync(join(folder, MANIFEST_FILE), 'utf8')) as Manifest;
    if (sha256(readFileSync(join(folder, GRAPH_FILE))) !== expected) throw new Error('checksum differs');
    const now = new Date();
    utimesSync(folder, now, now);
    return { folder, manifest, temporary: false };
  } catch {
    // Damaged by a crash or a full disk: it is only a cache, so it is built again.
    removeEntry(folder);
    return null;
  }
}

/**
 * Whether it is gone; another process may be removing or writing it at this moment, or the disk be read-only, and then
 * it stays.
 */
function removeEntry(folder: string): boolean {
  try {
    rmSync(folder, { recursive: true, force: true });
    return true;
  } catch {
    return false;
  }
}

function writeEntry(folder: string, graph: Uint8Array, manifest: SessionManifest): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, GRAPH_FILE), graph, { flush: true });
  writeFileSync(
    join(folder, MANIFEST_FILE),
    JSON.stringify({ ...manifest, sha256: sha256(graph) } satisfies Manifest),
    {
      flush: true,
    },
  );
}

/**
 * Keeps a graph under its name. Where another process has just kept the same one, that one is taken; where the cache
 * can't take it (a full or read-only disk), it goes to a folder of its own among the system's temporary ones, because a
 * cache must not fail a run.
 * @throws the cache's own error where there is no such folder either
 */
export function storeGraph(
  cacheFolder: string,
  name: string,
  graph: Uint8Array,
  manifest: SessionManifest,
): CachedGraph {
  const folder = join(cacheFolder, name);
  const aside = join(cacheFolder, `.${name}.${process.pid}.${threadId}${PART}`);
  try {
    writeEntry(aside, graph, manifest);
    const found = moveTo(aside, folder) ? { folder, manifest, temporary: false } : findGraph(cacheFolder, name);
    if (!found) renameSync(aside, folder);
    removeEntry(aside);
    evict(cacheFolder, name);
    return found ?? { folder, manifest, temporary: false };
  } catch (error) {
    removeEntry(aside);
    return storeOutside(graph, manifest, error);
  }
}

/** Whether it could be moved; false where there is an entry of that name already. */
function moveTo(aside: string, folder: string): boolean {
  try {
    renameSync(aside, folder);
    return true;
  } catch (error) {
    if (['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}

function storeOutside(graph: Uint8Array, manifest: SessionManifest, cause: unknown): CachedGraph {
  for (const parent of [tmpdir(), '/dev/shm']) {
    let folder: string | undefined;
    try {
      folder = mkdtempSync(join(parent, 'efficienttrain-graph-'));
      writeEntry(folder, graph, manifest);
      return { folder, manifest, temporary: true };
    } catch {
      // Full as well, or not there: the next one may do, and where none does the cache's own error is told.
      if (folder) removeEntry(folder);
    }
  }
  throw cause;
}

/** After it has been loaded. */
export function removeTemporary({ folder, temporary }: CachedGraph): void {
  if (temporary) removeEntry(folder);
}

interface Kept {
  path: string;
  used: number;
  bytes: number;
}

/** Null where another process has removed it meanwhile. */
function keptAt(path: string): Kept | null {
  const folder = statSync(path, { throwIfNoEntry: false });
  if (!folder) return null;
  return { path, used: folder.mtimeMs, bytes: statSync(join(path, GRAPH_FILE), { throwIfNoEntry: false })?.size ?? 0 };
}

/**
 * Removes the least recently used entries beyond what the cache may hold, and what processes that ended have left half
 * written.
 */
function evict(cacheFolder: string, keep: string): void {
  const names = readdirSync(cacheFolder).filter((name) => name !== keep);
  const all = names.map((name) => keptAt(join(cacheFolder, name))).filter((entry) => entry !== null);
  const parts = all.filter(({ path }) => path.endsWith(PART));
  for (const { path, used } of parts) if (Date.now() - used > LONGEST_WRITE_MS) removeEntry(path);
  let total = 0;
  for (const { path, bytes } of all.filter((entry) => !parts.includes(entry)).sort((a, b) => b.used - a.used)) {
    total += bytes;
    if (total > LARGEST_CACHE) removeEntry(path);
  }
}
