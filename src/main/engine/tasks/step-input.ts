/** Inputs of a step. Each is declared once, with its shape, its rows, and how the host makes it. */
import { rngOf } from '../../../shared/random';
import type { HostArray, TensorInfo } from '../types';

/** An input of a step. `D` is what a task draws for a step before its inputs are made. */
export interface StepInput<D> extends TensorInfo {
  /** Whether it has a row for each image. A part of a batch then gets its own rows, else the whole value. */
  byImage: boolean;
  make: (draw: D) => HostArray;
  /** Returns the value for one part of a batch, where it differs between parts. */
  ofPart?: (whole: HostArray, part: number) => HostArray;
}

export type StepInputs<D> = Record<string, StepInput<D>>;

/** Makes every input of a step, as a pure function of the step's draw. */
export const makeInputs = <D>(inputs: StepInputs<D>, draw: D): Record<string, HostArray> =>
  Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, input.make(draw)]));

/** Returns what a signature declares of its inputs. */
export const infoOf = <D>(inputs: StepInputs<D>): Record<string, TensorInfo> =>
  Object.fromEntries(Object.entries(inputs).map(([name, { shape, dtype }]) => [name, { shape, dtype }]));

/** Draws float32 [rows, rates.length]: 0 with the column's rate, else 1 / (1 - rate), so that the mean is 1. */
export function keepMask(rows: number, rates: readonly number[], ...stream: number[]): Float32Array {
  const rng = rngOf(...stream);
  const mask = new Float32Array(rows * rates.length);
  for (let row = 0; row < rows; row++)
    rates.forEach((rate, column) => (mask[row * rates.length + column] = rng.uniform() < rate ? 0 : 1 / (1 - rate)));
  return mask;
}
