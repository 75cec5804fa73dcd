/** What crosses between a scan and its readers: batches of files, and what was found, in columns, so that little is spent on passing it. */
import { join } from 'node:path';
import type { ImageFormat } from '../decode/format';
import type { NativeImages } from '../loader/native-images';
import type { ProblemKind } from './entries';
import { inspectFile, UNCHANGED, type Inspected } from './inspect';

export interface Batch {
  id: number;
  root: string;
  paths: string[];
  /** Marks of the files when they were inspected before; null: they were not. */
  marks: (string | null)[];
}

export interface Findings {
  id: number;
  /** Of files that are images: their place in the batch. */
  images: {
    at: Uint32Array;
    bytes: Float64Array;
    mtimeMs: Float64Array;
    marks: string[];
    sha256: string[];
    formats: ImageFormat[];
    widths: Uint32Array;
    heights: Uint32Array;
    orientations: Uint8Array;
    fast: Uint8Array;
    hashes: (string | null)[];
  };
  /** Of files that are not; without a mark where the file could not be read. */
  unusable: { at: number; kind: ProblemKind; reason: string; mark: string | null }[];
  /** Places of files for which what was known holds. */
  unchanged: number[];
}

export interface Failure {
  id: number;
  /** A fault of the program's, not of a file. */
  error: string;
}

/** A reader's first message. */
export const READY = 'ready';

export type FromReader = typeof READY | Findings | Failure;

export async function inspectBatch({ id, root, paths, marks }: Batch, engine: () => NativeImages | null): Promise<Findings> {
  const images: [number, Inspected][] = [];
  const unusable: Findings['unusable'] = [];
  const unchanged: number[] = [];
  for (const [at, path] of paths.entries()) {
    const found = await inspectFile(join(root, path), marks[at] ?? null, engine);
    if (found === UNCHANGED) unchanged.push(at);
    else if ('kind' in found) unusable.push({ at, kind: found.kind, reason: found.reason, mark: found.state?.mark ?? null });
    else images.push([at, found]);
  }
  return { id, images: columnsOf(images), unusable, unchanged };
}

function columnsOf(images: readonly [number, Inspected][]): Findings['images'] {
  const found = images.map(([, file]) => file);
  return {
    at: Uint32Array.from(images, ([at]) => at),
    bytes: Float64Array.from(found, ({ bytes }) => bytes),
    mtimeMs: Float64Array.from(found, ({ mtimeMs }) => mtimeMs),
    marks: found.map(({ mark }) => mark),
    sha256: found.map(({ sha256 }) => sha256),
    formats: found.map(({ facts }) => facts.format),
    widths: Uint32Array.from(found, ({ facts }) => facts.width),
    heights: Uint32Array.from(found, ({ facts }) => facts.height),
    orientations: Uint8Array.from(found, ({ facts }) => facts.orientation),
    fast: Uint8Array.from(found, ({ facts }) => Number(facts.fast)),
    hashes: found.map(({ hash }) => hash),
  };
}
