/** Messages between a scan and its readers: batches of files, and the findings of each. */
import { join } from 'node:path';
import type { NativeImages } from '../loader/native-images';
import { inspectFile, UNCHANGED, type Found, type Inspected } from './inspect';
import { LOOK_BYTES } from './look';

export interface Batch {
  id: number;
  root: string;
  paths: string[];
  /** Marks of the files from an earlier inspection; null: there was none. */
  marks: (string | null)[];
}

/** The findings of a file, in the form that is kept for the next scan. */
export interface Told {
  /** JSON of a Found without its look. */
  text: string;
  look: Uint8Array | null;
}

export interface BatchFound {
  id: number;
  /** Told.text of each file in order; empty: what is known is still valid. */
  texts: string[];
  /** Looks one after the other, of the files that have one. */
  looks: Uint8Array;
  /** Whether each file in order has a look: 0 or 1. */
  looked: ArrayLike<number>;
}

export interface Failure {
  id: number;
  /** An error of the program, not of a file. */
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

/** Returns the findings of each file in order; null: what is known is still valid. */
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

/** Returns JSON, which leaves out undefined fields. */
const textOf = (file: Found): string =>
  JSON.stringify('kind' in file ? file : ({ ...file, look: undefined } satisfies Record<keyof Inspected, unknown>));
