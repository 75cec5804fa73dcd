/** Inputs of a step: each is declared once, with its shape, the rows it has, and how the host makes it. */
import { rngOf } from '../../../shared/random';
import type { HostArray, TensorInfo } from '../types';

/** `D` is what a task draws for a step before its inputs are made. */
export interface StepInput<D> extends TensorInfo {
  /** Whether there is a row for each image: then a part of a batch gets its own rows, else the whole value. */
  byImage: boolean;
  make: (draw: D) => HostArray;
  /** The value for one part of a batch that is taken in parts, where it is another for each. */
  ofPart?: (whole: HostArray, part: number) => HostArray;
}

export type StepInputs<D> = Record<string, StepInput<D>>;

/** Every input of a step, as a pure function of what was drawn for it. */
export const makeInputs = <D>(inputs: StepInputs<D>, draw: D): Record<string, HostArray> =>
  Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, input.make(draw)]));

/** What a signature declares of its inputs. */
export const infoOf = <D>(inputs: StepInputs<D>): Record<string, TensorInfo> =>
  Object.fromEntries(Object.entries(inputs).map(([name, { shape, dtype }]) => [name, { shape, dtype }]));

/** float32 [rows, rates.length]: 0 with the column's rate, else 1 / (1 - rate), so that the mean stays. */
export function keepMask(rows: number, rates: readonly number[], ...stream: number[]): Float32Array {
  const rng = rngOf(...stream);
  const mask = new Float32Array(rows * rates.length);
  for (let row = 0; row < rows; row++)
    rates.forEach((rate, column) => (mask[row * rates.length + column] = rng.uniform() < rate ? 0 : 1 / (1 - rate)));
  return mask;
}
