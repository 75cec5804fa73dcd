/** What crosses between a scan and its readers: batches of files, and what was found of each. */
import { join } from 'node:path';
import type { NativeImages } from '../loader/native-images';
import { inspectFile, UNCHANGED, type Found, type Inspected } from './inspect';
import { LOOK_BYTES } from './look';

export interface Batch {
  id: number;
  root: string;
  paths: string[];
  /** Marks of the files when they were inspected before; null: they were not. */
  marks: (string | null)[];
}

/** What was found of a file, in the form in which it is kept for the next scan. */
export interface Told {
  /** JSON of a Found without its look. */
  text: string;
  look: Uint8Array | null;
}

export interface BatchFound {
  id: number;
  /** Of each file in order Told.text; empty: what is known holds. */
  texts: string[];
  /** Looks one behind the other, of the files that have one. */
  looks: Uint8Array;
  /** Of each file in order whether it has a look: 0 or 1. */
  looked: ArrayLike<number>;
}

export interface Failure {
  id: number;
  /** A fault of the program's, not of a file. */
  error: string;
}

/** A reader's first message. */
export const READY = 'ready';

export type FromReader = typeof READY | BatchFound | Failure;

export function foundOf({ text, look }: Told): Found {
  const found = JSON.parse(text) as Found;
  if (!('kind' in found)) found.look = look;
  return found;
}

/** Of each file in order; null: what is known holds. */
export function toldOf({ texts, looks, looked }: BatchFound): (Told | null)[] {
  let at = 0;
  return texts.map((text, index) => {
    const look = looked[index] ? looks.subarray(at, (at += LOOK_BYTES)) : null;
    return text ? { text, look } : null;
  });
}

export async function inspectBatch(
  { id, root, paths, marks }: Batch,
  engine: () => NativeImages | null,
): Promise<BatchFound> {
  const texts: string[] = [];
  const looks = new Uint8Array(paths.length * LOOK_BYTES);
  const looked = new Uint8Array(paths.length);
  let end = 0;
  for (const [at, path] of paths.entries()) {
    const file = await inspectFile(join(root, path), marks[at] ?? null, engine);
    texts.push(file === UNCHANGED ? '' : textOf(file));
    if (file === UNCHANGED || 'kind' in file || !file.look) continue;
    looks.set(file.look, end);
    end += LOOK_BYTES;
    looked[at] = 1;
  }
  return { id, texts, looks: looks.subarray(0, end), looked };
}

/** JSON leaves out what is undefined. */
const textOf = (file: Found): string =>
  JSON.stringify('kind' in file ? file : ({ ...file, look: undefined } satisfies Record<keyof Inspected, unknown>));
