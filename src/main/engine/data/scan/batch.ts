/** What crosses between a scan and its readers: batches of files, and what was found of each. */
import { join } from 'node:path';
import type { NativeImages } from '../loader/native-images';
import { inspectFile, UNCHANGED, type Found } from './inspect';

export interface Batch {
  id: number;
  root: string;
  paths: string[];
  /** Marks of the files when they were inspected before; null: they were not. */
  marks: (string | null)[];
}

export interface BatchFound {
  id: number;
  /** Of each file in order, as JSON, which is also how it is kept for the next scan; empty: what is known holds. */
  found: string[];
}

export interface Failure {
  id: number;
  /** A fault of the program's, not of a file. */
  error: string;
}

/** A reader's first message. */
export const READY = 'ready';

export type FromReader = typeof READY | BatchFound | Failure;

export const foundOf = (text: string): Found => JSON.parse(text) as Found;

export async function inspectBatch({ id, root, paths, marks }: Batch, engine: () => NativeImages | null): Promise<BatchFound> {
  const found: string[] = [];
  for (const [at, path] of paths.entries()) {
    const file = await inspectFile(join(root, path), marks[at] ?? null, engine);
    found.push(file === UNCHANGED ? '' : JSON.stringify(file));
  }
  return { id, found };
}
