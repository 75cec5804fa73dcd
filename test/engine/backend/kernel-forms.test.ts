/**
 * Our ops of one library are built for several instruction sets. In each set that this processor has, results agree
 * with numpy's in float64, and their bits don't depend on the number of threads.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toAddonAttrs } from '../../../src/main/engine/backend/raw-op';
import goldenJson from '../../golden/kernels/golden.json';
import { callsOf, KERNEL_CASES, sizeOf } from '../../golden/kernels/op-cases';
import { summary, type Summary } from '../../golden/models/formula';
import { engineMissing, loaded, ownOps } from '../../support/engine';

const golden = goldenJson as unknown as Record<string, Record<string, Summary>>;
const RUN = join(import.meta.dirname, 'run-ops.mjs');
const FORMS = ['avx2', 'avx512', 'best'];
/**
 * Tolerances: of the norm relative to itself, of single numbers relative to the root mean square, and of projections
 * relative to the norm.
 */
const TOLERANCE = { norm: 1e-6, sample: 2e-5, projections: 2e-6 };

let folder = '';
const calls = KERNEL_CASES.map((given) => ({ given, calls: callsOf(given) }));
const all = calls.flatMap((one) => one.calls);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'efficienttrain-kernels-'));
  const plain = all.map(({ op, attrs, inputs, results }) => ({
    ...{ op, attrs: toAddonAttrs(attrs), outputs: Object.keys(results).length },
    inputs: inputs.map(({ shape, values }) => ({ shape, dtype: values instanceof Int32Array ? 'int32' : 'float32' })),
  }));
  writeFileSync(join(folder, 'calls.json'), JSON.stringify(plain));
  const bytes = all.flatMap(({ inputs }) =>
    inputs.map(({ values }) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength)),
  );
  writeFileSync(join(folder, 'values'), Buffer.concat(bytes));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(form: string, threads: number): Buffer {
  const addon = loaded.engine.kind === 'tfjs-cpu' ? '' : loaded.engine.addon;
  const results = join(folder, `${form}-${threads}`);
  const { status, signal, stderr } = spawnSync(
    process.execPath,
    [RUN, addon, join(folder, 'calls.json'), join(folder, 'values'), results],
    {
      ...{ encoding: 'utf8', timeout: 110_000 },
      env: { ...process.env, EFFICIENTTRAIN_KERNELS: form, TF_NUM_INTRAOP_THREADS: String(threads) },
    },
  );
  expect({ status, signal }, stderr).toEqual({ status: 0, signal: null });
  return readFileSync(results);
}

/** Returns the results of each case by name, in the order in which they were computed. */
function byCase(bytes: Buffer): Record<string, Record<string, Float32Array>> {
  const numbers = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  let at = 0;
  const take = (shape: readonly number[]): Float32Array => numbers.subarray(at, (at += sizeOf(shape)));
  const found = calls.map(({ given, calls: own }) => {
    const results = own.flatMap(({ results }) =>
      Object.entries(results).map(([name, shape]) => [name, take(shape)] as const),
    );
    return [given.name, Object.fromEntries(results)] as const;
  });
  expect(at).toBe(numbers.length);
  return Object.fromEntries(found);
}

describe.skipIf(engineMissing ?? !ownOps)('our ops', () => {
  it('have a golden case each', () => expect(KERNEL_CASES.map(({ name }) => name)).toEqual(Object.keys(golden)));

  it.each(FORMS)('%s: as numpy computes them, with the same bits on 1, 2 and 5 threads', (form) => {
    const bytes = run(form, 1);
    for (const threads of [2, 5]) expect(run(form, threads).equals(bytes), `${threads} threads`).toBe(true);
    for (const [name, results] of Object.entries(byCase(bytes)))
      for (const [result, expected] of Object.entries(golden[name] ?? {})) {
        const values = results[result] as Float32Array;
        const found = summary(result, values, expected);
        const norm = Math.max(expected.norm, 1e-3);
        const apart = (of: 'sample' | 'projections'): number =>
          Math.max(...expected[of].map((value, at) => Math.abs(value - (found[of][at] as number))));
        expect(Math.abs(found.norm - expected.norm) / norm, `${name}: ${result}`).toBeLessThan(TOLERANCE.norm);
        expect((apart('sample') / norm) * Math.sqrt(values.length), `${name}: ${result}`).toBeLessThan(
          TOLERANCE.sample,
        );
        expect(apart('projections') / norm, `${name}: ${result}`).toBeLessThan(TOLERANCE.projections);
      }
  });
});
