/** Makes a SampleTable of a folder of class folders, as import does, but without a database. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { probeImage } from '../../../src/main/engine/data/decode/decode';
import type { SampleTable } from '../../../src/main/engine/types';

const shared = <T extends Uint8Array | Uint32Array | Int32Array>(
  Kind: new (buffer: SharedArrayBuffer) => T,
  values: ArrayLike<number>,
  bytes: number,
): T => {
  const array = new Kind(new SharedArrayBuffer(values.length * bytes));
  array.set(values);
  return array;
};

export interface Entry {
  path: string;
  label: number;
  width: number;
  height: number;
  orientation: number;
  fast: boolean;
}

export function tableFrom(root: string, entries: readonly Entry[]): SampleTable {
  const paths = entries.map(({ path }) => Buffer.from(path));
  const offsets = [0];
  for (const path of paths) offsets.push((offsets.at(-1) as number) + path.length);
  return {
    count: entries.length,
    root,
    paths: shared(Uint8Array, Buffer.concat(paths), 1),
    pathOffsets: shared(Uint32Array, offsets, 4),
    labels: shared(
      Int32Array,
      entries.map(({ label }) => label),
      4,
    ),
    bytes: shared(
      Uint32Array,
      entries.map(({ path }) => statSync(join(root, path), { throwIfNoEntry: false })?.size ?? 0),
      4,
    ),
    widths: shared(
      Uint32Array,
      entries.map(({ width }) => width),
      4,
    ),
    heights: shared(
      Uint32Array,
      entries.map(({ height }) => height),
      4,
    ),
    orientations: shared(
      Uint8Array,
      entries.map(({ orientation }) => orientation),
      1,
    ),
    fast: shared(
      Uint8Array,
      entries.map(({ fast }) => Number(fast)),
      1,
    ),
  };
}

/** Returns the first `count` files, taken from the classes in turn. */
export async function entriesOf(root: string, count: number): Promise<Entry[]> {
  const classes = readdirSync(root).sort();
  const files = classes.map((name) => readdirSync(join(root, name)).sort());
  const wanted = Array.from({ length: Math.max(...files.map((list) => list.length)) }, (_, index) =>
    files.map((list, label) => ({ label, path: list[index] && join(classes[label] as string, list[index]) })),
  ).flat();
  const chosen = wanted.filter((one): one is { label: number; path: string } => one.path !== undefined).slice(0, count);
  return Promise.all(
    chosen.map(async ({ label, path }) => {
      const { width, height, orientation, fast } = await probeImage(readFileSync(join(root, path)));
      return { path, label, width, height, orientation, fast };
    }),
  );
}

export const tableOf = async (root: string, count: number): Promise<SampleTable> =>
  tableFrom(root, await entriesOf(root, count));
