/**
 * Stores traced graphs on disk, so that a second run of the same model, sizes and batch starts at once. An entry is
 * written aside and renamed, checked before use, and rebuilt where it is damaged. The least recently used entries are
 * removed when the cache grows too large.
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
/** Suffix of an entry that is being written. */
const PART = '.part';
/** A partial entry older than this was left behind. */
const LONGEST_WRITE_MS = 3_600_000;

interface Manifest extends SessionManifest {
  sha256: string;
}

export interface CachedGraph {
  folder: string;
  manifest: SessionManifest;
  /** Whether the graph is outside the cache, which could not take it, and has to be removed once it is loaded. */
  temporary: boolean;
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Returns the entry's name, a hash of everything in `key`. */
export const graphKey = (key: unknown): string => sha256(Buffer.from(JSON.stringify(key))).slice(0, 32);

/** Returns the entry if it is complete. */
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
    // A crash or a full disk damaged it; since it is only a cache, it is built again.
    removeEntry(folder);
    return null;
  }
}

/**
 * Says whether the entry is gone. It stays where another process is removing or writing it at this moment, or where the
 * disk is read-only.
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
 * Stores a graph under its name. Where another process has just stored the same one, that one is used. Where the cache
 * can't take it (a full or read-only disk), it goes to a temporary folder of its own, because a cache must not fail a
 * run.
 * @throws the cache's own error where no temporary folder can be made either
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

/** Says whether it could be moved; false where there is an entry of that name already. */
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
      // This one is full or missing too, and the next may do. Where none does, the cache's own error is thrown.
      if (folder) removeEntry(folder);
    }
  }
  throw cause;
}

/** Removes a temporary graph after it has been loaded. */
export function removeTemporary({ folder, temporary }: CachedGraph): void {
  if (temporary) removeEntry(folder);
}

interface Kept {
  path: string;
  used: number;
  bytes: number;
}

/** Returns null where another process has removed it meanwhile. */
function keptAt(path: string): Kept | null {
  const folder = statSync(path, { throwIfNoEntry: false });
  if (!folder) return null;
  return { path, used: folder.mtimeMs, bytes: statSync(join(path, GRAPH_FILE), { throwIfNoEntry: false })?.size ?? 0 };
}

/** Removes the least recently used entries beyond the cache's limit, and partial ones that ended processes left. */
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
