/**
 * Traced graphs on disk, so that a second run of the same model, sizes and batch starts at once. An entry is written aside and renamed,
 * checked before use, and rebuilt where it is damaged; the least recently used ones go when the cache grows too large.
 */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { SessionManifest } from './session';

const GRAPH_FILE = 'saved_model.pb';
const MANIFEST_FILE = 'signatures.json';
const LARGEST_CACHE = 1 << 30;

interface Manifest extends SessionManifest {
  sha256: string;
}

export interface CachedGraph {
  folder: string;
  manifest: SessionManifest;
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
    return { folder, manifest };
  } catch {
    // Damaged by a crash or a full disk: it is only a cache, so it is built again.
    rmSync(folder, { recursive: true, force: true });
    return null;
  }
}

export function storeGraph(cacheFolder: string, name: string, graph: Uint8Array, manifest: SessionManifest): CachedGraph {
  const folder = join(cacheFolder, name);
  const aside = join(cacheFolder, `.${name}.${process.pid}.part`);
  mkdirSync(aside, { recursive: true });
  writeFileSync(join(aside, GRAPH_FILE), graph, { flush: true });
  writeFileSync(join(aside, MANIFEST_FILE), JSON.stringify({ ...manifest, sha256: sha256(graph) } satisfies Manifest), {
    flush: true,
  });
  if (existsSync(folder)) rmSync(aside, { recursive: true });
  else renameSync(aside, folder);
  evict(cacheFolder, name);
  return { folder, manifest };
}

function evict(cacheFolder: string, keep: string): void {
  const entries = readdirSync(cacheFolder)
    .filter((name) => !name.startsWith('.') && name !== keep)
    .map((name) => ({
      path: join(cacheFolder, name),
      used: statSync(join(cacheFolder, name)).mtimeMs,
      bytes: statSync(join(cacheFolder, name, GRAPH_FILE), { throwIfNoEntry: false })?.size ?? 0,
    }))
    .sort((a, b) => b.used - a.used);
  let total = 0;
  for (const { path, bytes } of entries) {
    total += bytes;
    if (total > LARGEST_CACHE) rmSync(path, { recursive: true, force: true });
  }
}
