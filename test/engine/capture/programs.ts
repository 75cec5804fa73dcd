import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GraphNode } from '../../../src/main/engine/capture/graph';
import { openProgram } from '../../../src/main/engine/capture/open';
import { applyPasses, passesFor } from '../../../src/main/engine/capture/passes';
import { traceProgram } from '../../../src/main/engine/capture/tracer';
import { sizeOf } from '../../../src/main/engine/size-of';
import type { Executor, Program, Signature, TensorInfo } from '../../../src/main/engine/types';
import { rngOf } from '../../../src/shared/random';
import { loaded } from '../../support/engine';

export const float = (...shape: number[]): TensorInfo => ({ shape, dtype: 'float32' });

export const floats = (shapes: Readonly<Record<string, number[]>>): Record<string, TensorInfo> =>
  Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, float(...shape)]));

/** Draws seeded numbers from -1 to 1 for each shape. */
export function numbersFor(shapes: Readonly<Record<string, number[]>>, seed: number): Record<string, Float32Array> {
  const rng = rngOf(seed);
  const numbers = (length: number): Float32Array => Float32Array.from({ length }, () => rng.below(20001) / 10000 - 1);
  return Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, numbers(sizeOf(shape))]));
}

/** Builds a program with one signature, `step`. */
export const programOf = (
  body: Signature['body'],
  inputs: Record<string, TensorInfo>,
  variables: Record<string, TensorInfo> = {},
): Program => ({ variables, signatures: { step: { inputs, body } } });

/** Returns the graph that is run. @param autocast signatures whose products are in bfloat16 */
export function nodesOf(program: Program, autocast: readonly string[] = [], multipliesHalf = false): GraphNode[] {
  const { tf, backend } = loaded;
  if (!backend) throw new Error('There is no engine to trace for.');
  return applyPasses(
    traceProgram(program, tf, backend, { kernels: true }),
    passesFor(autocast, { own: true, multipliesHalf }),
  ).nodes;
}

export const newCache = (): string => mkdtempSync(join(tmpdir(), 'capture-'));

export const capture = (program: Program): Executor =>
  openProgram({ build: () => program, key: Math.random(), cacheFolder: newCache() }).executor;
