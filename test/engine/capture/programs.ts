import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openProgram } from '../../../src/main/engine/capture/open';
import type { Executor, Program, Signature, TensorInfo } from '../../../src/main/engine/types';

export const float = (...shape: number[]): TensorInfo => ({ shape, dtype: 'float32' });

/** A program of one signature, `step`. */
export const programOf = (
  body: Signature['body'],
  inputs: Record<string, TensorInfo>,
  variables: Record<string, TensorInfo> = {},
): Program => ({ variables, signatures: { step: { inputs, body } } });

export const newCache = (): string => mkdtempSync(join(tmpdir(), 'capture-'));

export const capture = (program: Program): Executor =>
  openProgram({ build: () => program, key: Math.random(), cacheFolder: newCache() }).executor;
