import type { SampleTable } from '../types';

/**
 * Picks at most `count` samples of a table, evenly spaced: tables are sorted by path, so the first ones would be of one
 * class.
 */
export function pickSamples(table: SampleTable, count: number): SampleTable {
  const kept = Math.min(count, table.count);
  const indices = Array.from({ length: kept }, (_, index) => Math.floor((index * table.count) / kept));
  const place = (index: number): [number, number] => [
    table.pathOffsets[index] as number,
    table.pathOffsets[index + 1] as number,
  ];
  const lengths = indices.map((index) => place(index)[1] - place(index)[0]);
  const pathOffsets = new Uint32Array(new SharedArrayBuffer((kept + 1) * 4));
  lengths.forEach((length, index) => (pathOffsets[index + 1] = (pathOffsets[index] as number) + length));
  const paths = new Uint8Array(new SharedArrayBuffer(Math.max(pathOffsets[kept] as number, 1)));
  indices.forEach((index, row) => paths.set(table.paths.subarray(...place(index)), pathOffsets[row]));
  const take = <T extends Int32Array | Uint32Array | Uint8Array>(
    make: (buffer: SharedArrayBuffer) => T,
    from: T,
  ): T => {
    const out = make(new SharedArrayBuffer(kept * from.BYTES_PER_ELEMENT));
    indices.forEach((index, row) => (out[row] = from[index] as number));
    return out;
  };
  const bytes = (buffer: SharedArrayBuffer): Uint8Array => new Uint8Array(buffer);
  const words = (buffer: SharedArrayBuffer): Uint32Array => new Uint32Array(buffer);
  return {
    ...{
      count: kept,
      root: table.root,
      paths,
      pathOffsets,
      labels: take((buffer) => new Int32Array(buffer) as Int32Array, table.labels),
    },
    ...{ bytes: take(words, table.bytes), widths: take(words, table.widths), heights: take(words, table.heights) },
    ...{ orientations: take(bytes, table.orientations), fast: take(bytes, table.fast) },
  };
}
