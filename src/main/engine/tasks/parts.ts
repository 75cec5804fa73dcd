/** Gradient accumulation on the host: the inputs of one part of a batch. */
import type { HostArray } from '../types';
import type { StepInputs } from './step-input';

/**
 * Returns the rows of a part. Classification mixes image i with image N - 1 - i, so a part takes as many rows from the
 * front as from the back: reversed, it pairs the same images as the whole batch does.
 */
function rowsOf(count: number, parts: number, part: number): [number, number][] {
  const half = count / parts / 2;
  if (!Number.isInteger(half)) throw new Error(`a batch of ${count} has no ${parts} parts of pairs`);
  return [
    [part * half, (part + 1) * half],
    [count - (part + 1) * half, count - part * half],
  ];
}

function pick(values: HostArray, count: number, rows: readonly [number, number][]): HostArray {
  const width = values.length / count;
  const slices = rows.map(([from, to]) => values.subarray(from * width, to * width));
  const picked = values.slice(
    0,
    slices.reduce((sum, { length }) => sum + length, 0),
  );
  let at = 0;
  for (const slice of slices) {
    picked.set(slice, at);
    at += slice.length;
  }
  return picked;
}

/** Makes the inputs of one part. @param count images of the whole batch @param part from 0 */
export function inputsOfPart<D>(
  inputs: StepInputs<D>,
  whole: Readonly<Record<string, HostArray>>,
  { count, parts, part }: { count: number; parts: number; part: number },
): Record<string, HostArray> {
  const rows = rowsOf(count, parts, part);
  return Object.fromEntries(
    Object.entries(inputs).map(([name, { byImage, ofPart }]) => {
      const value = whole[name] as HostArray;
      return [name, byImage ? pick(value, count, rows) : (ofPart?.(value, part) ?? value)];
    }),
  );
}
