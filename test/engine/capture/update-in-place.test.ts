/**
 * AdamW over the variables' own memory gives the same numbers as assignment. Earlier readers see the old values, and
 * some graphs are left unchanged.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EagerExecutor } from '../../../src/main/engine/capture/eager';
import { openProgram } from '../../../src/main/engine/capture/open';
import { real } from '../../../src/main/engine/layers/attrs';
import type { Attr, Context, Executor, Program, Tensor } from '../../../src/main/engine/types';
import { loaded, ownOps } from '../../support/engine';
import { nodesOf } from './programs';

const SHAPE = [300, 40];
const SIZE = 300 * 40;

const ATTRS: Record<string, Attr> = {
  N: { kind: 'int', value: 3 },
  ...{ beta1: real(0.9), beta2: real(0.999), epsilon: real(1e-8), weight_decay: real(0.1) },
};

/** Updates w, m and v by AdamW along a given gradient. `read` computes further results from w. */
function program(read: (context: Context, w: Tensor) => Record<string, Tensor>): Program {
  const info = { shape: SHAPE, dtype: 'float32' as const };
  return {
    variables: { w: info, m: info, v: info },
    signatures: {
      step: {
        inputs: { gradient: info },
        body: (context, given) => {
          const { tf, op, assign } = context;
          const arrays = ['w', 'm', 'v'].map((name): Tensor => context.variable(name));
          const results = read(context, arrays[0] as Tensor);
          const scalars = [1, 0.01, 0.1, 0.001, 0].map((value) => tf.scalar(value));
          const updated = op('StudioAdamW', [...arrays, given['gradient'] as Tensor, ...scalars], ATTRS, 3);
          ['w', 'm', 'v'].forEach((name, index) => assign(name, updated[index] as Tensor));
          return results;
        },
      },
      other: { inputs: {}, body: (context) => ({ sum: context.tf.sum(context.variable('w')) }) },
    },
  };
}

const PROGRAMS: Record<string, Program> = {
  // These read w through more than one op, and late, because they take longer than the update.
  'read before': program(({ tf }, w) => ({
    rows: tf.sum(tf.exp(tf.sin(w)), 1),
    products: tf.sum(tf.matMul(tf.reshape(w, [40, 300]), tf.reshape(w, [300, 40])), 1),
  })),
  'its memory fetched': program(({ tf }, w) => ({ w: tf.reshape(w, [SIZE]) })),
  // These ops return their input's memory where they have nothing to change.
  'its memory fetched by a Tile': program(({ tf }, w) => ({ w: tf.tile(w, [1, 1]) })),
  'its memory fetched by a Transpose': program(({ tf }, w) => ({ w: tf.transpose(w, [0, 1]) })),
  'its memory fetched by a Pad': program(({ tf }, w) => ({
    w: tf.pad(w, [
      [0, 0],
      [0, 0],
    ]),
  })),
  'its memory fetched by an AddN': program(({ op }, w) => ({
    w: op('AddN', [w], { N: { kind: 'int', value: 1 }, T: { kind: 'type', value: 'float32' } })[0] as Tensor,
  })),
  'its memory fetched by a Slice': program(({ tf }, w) => ({ w: tf.slice(w, [0, 0], SHAPE) })),
};

const numbers = (from: number): Float32Array => Float32Array.from({ length: SIZE }, (_, at) => Math.sin(from + at));
const initial = (): Record<string, Float32Array> => ({ w: numbers(0), m: numbers(1), v: numbers(2).map(Math.abs) });

/** Returns the results of three steps, then the variables. */
function run(executor: Executor): Record<string, Float32Array | Int32Array>[] {
  executor.write(Object.entries(initial()));
  const steps = [3, 4, 5].map((from) => executor.run('step', { gradient: numbers(from) }));
  return [...steps, executor.run('other', {}), executor.read()];
}

describe.skipIf(!ownOps)('AdamW in place', () => {
  let cacheFolder = '';
  beforeAll(() => void (cacheFolder = mkdtempSync(join(tmpdir(), 'efficienttrain-test-'))));
  afterAll(() => rmSync(cacheFolder, { recursive: true, force: true }));

  it.each(Object.keys(PROGRAMS))('%s: numbers as by assignment', (name) => {
    const build = (): Program => PROGRAMS[name] as Program;
    const eager = new EagerExecutor(build(), loaded);
    const { executor } = openProgram({ build, key: name, cacheFolder });
    const [captured, expected] = [run(executor), run(eager)];
    for (const [at, results] of expected.entries())
      for (const [key, values] of Object.entries(results)) {
        const distances = Array.from(values, (value, index) =>
          Math.abs(value - (captured[at]?.[key]?.[index] as number)),
        );
        expect(Math.max(...distances), `${key} of ${at}`).toBeLessThan(1e-4);
      }
    executor.dispose();
    eager.dispose();
  });
  it('waits for all else of the signature that reads its variables, and for nothing of another', () => {
    const nodes = nodesOf(PROGRAMS['read before'] as Program);
    const adamw = nodes.find(({ op }) => op === 'StudioAdamW');
    expect(adamw?.attrs['in_place']).toEqual({ kind: 'bool', value: true });
    const waitsFor = (adamw?.inputs ?? [])
      .filter((input) => input.startsWith('^'))
      .map((input) => nodes.find(({ name }) => `^${name}` === input));
    expect(waitsFor.map((node) => node?.op).sort()).toEqual(['MatMul', 'Reshape', 'Reshape', 'Sin']);
    expect(waitsFor.every((node) => node?.name.startsWith('step/'))).toBe(true);
    expect(nodes.filter(({ op, name }) => op === 'AssignVariableOp' && name.startsWith('step/'))).toEqual([]);
  });
  it.each(Object.keys(PROGRAMS).filter((name) => name.includes('fetched')))(
    'is left to assignment where %s',
    (name) => {
      const nodes = nodesOf(PROGRAMS[name] as Program);
      expect(nodes.find(({ op }) => op === 'StudioAdamW')?.attrs['in_place']).toBeUndefined();
      expect(nodes.filter(({ op, name }) => op === 'AssignVariableOp' && name.startsWith('step/'))).toHaveLength(3);
    },
  );
});
