/**
 * What only a process of its own shows of our native code: memory handed on, memory that can't be had, pages given
 * back.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openProgram } from '../../../src/main/engine/capture/open';
import { flag, int, real } from '../../../src/main/engine/layers/attrs';
import type { Attr, Program, Tensor } from '../../../src/main/engine/types';
import { engineMissing, loaded, ownOps } from '../../support/engine';
import { float, programOf } from '../capture/programs';

const RUN = join(import.meta.dirname, 'run-graph.mjs');
const product = (add: boolean): Record<string, Attr> => ({
  count: int(add ? 1 : 0),
  ...{ scale: flag(false), bias: flag(false), add: flag(add), relu: flag(false), gradient: flag(false) },
});

let cacheFolder = '';
beforeAll(() => void (cacheFolder = mkdtempSync(join(tmpdir(), 'efficienttrain-test-'))));
afterAll(() => rmSync(cacheFolder, { recursive: true, force: true }));

/** Traced here, run in a process of its own. */
function runAlone(
  program: Program,
  more: string[],
  environment: NodeJS.ProcessEnv = {},
): { runs: unknown[]; stderr: string } {
  const before = new Set(readdirSync(cacheFolder));
  openProgram({ build: () => program, key: Math.random(), cacheFolder }).executor.dispose();
  const [name] = readdirSync(cacheFolder).filter((entry) => !before.has(entry));
  const addon = loaded.engine.kind === 'tfjs-cpu' ? '' : loaded.engine.addon;
  const { status, signal, stdout, stderr } = spawnSync(
    process.execPath,
    [RUN, addon, join(cacheFolder, name ?? ''), ...more],
    {
      ...{ encoding: 'utf8', timeout: 60_000, env: { ...process.env, ...environment } },
    },
  );
  expect({ status, signal }, stderr).toEqual({ status: 0, signal: null });
  return { runs: JSON.parse(stdout) as unknown[], stderr };
}

/** Each op that may write over an input, with that input made by a product that nobody else reads. */
const overwriting = (): Program =>
  programOf(
    ({ tf, op }, { x, square, weights, row }) => {
      // Each with a factor of its own: equal nodes become one, which more than one would read then.
      let factor = 0;
      const made = (): Tensor => tf.matMul(x as Tensor, tf.mul(square as Tensor, ++factor));
      const rows = tf.sum(x as Tensor, 1);
      const image: [number, number, number, number] = [1, 8, 8, 32];
      const outputs = {
        gelu: op('StudioGeluGrad', [made(), x as Tensor], {})[0],
        layer: op('StudioLayerNormGrad', [made(), x as Tensor, row as Tensor, rows, rows], {}, 3)[0],
        batch: op(
          'StudioBatchNormGrad',
          [made(), x as Tensor, row as Tensor, row as Tensor, row as Tensor, row as Tensor],
          { epsilon: real(1e-5), relu: flag(true) },
          3,
        )[0],
        depthwise: op(
          'StudioDepthwiseGrad',
          [tf.reshape(made(), image), tf.reshape(x as Tensor, image), tf.reshape(row as Tensor, [1, 1, 32, 1])],
          { stride: int(1), padding: int(0) },
          3,
        )[0],
        linear: op('StudioLinear', [x as Tensor, weights as Tensor, made()], product(true))[0],
      };
      return Object.fromEntries(Object.entries(outputs).map(([name, result]) => [name, tf.sum(result as Tensor, 1)]));
    },
    { x: float(64, 32), square: float(32, 32), weights: float(32, 32), row: float(32) },
  );

describe.skipIf(engineMissing ?? !ownOps)('our kernels', () => {
  it('write over an input that nobody else reads, and give what they give with memory of their own', () => {
    const { runs, stderr } = runAlone(overwriting(), [], { EFFICIENTTRAIN_KERNELS_LOG: '1' });
    const written = [...stderr.matchAll(/studio kernels: (\S+) is written in place/g)].map(
      ([, node]) => node as string,
    );
    for (const op of ['GeluGrad', 'LayerNormGrad', 'BatchNormGrad', 'DepthwiseGrad', 'Linear'])
      expect(
        written.filter((node) => node.includes(op)),
        stderr,
      ).toHaveLength(1);
    // By hand: a product of 0.001 by 0.001 over 32 columns is 3.2e-5; the fifth has five times that, and a linear
    // layer adds one more.
    const last = (runs[0] as number[][]).at(-1) ?? [];
    for (const value of last) expect(value).toBeCloseTo(32 * 6 * 3.2e-5, 8);
    expect((runs[0] as number[][]).flat().every(Number.isFinite)).toBe(true);
  });

  it('fail the run where memory can not be had, and the process lives on', ({ skip }) => {
    if (spawnSync('prlimit', ['--version']).status !== 0) skip('there is no prlimit here');
    // 64 MB of weights in one column, packed in sixteen: a gigabyte.
    const depth = 16 << 20;
    const wide = programOf(
      ({ op }, { x, w }) => ({ y: op('StudioLinear', [x as Tensor, w as Tensor], product(false))[0] as Tensor }),
      {
        ...{ x: float(1, depth), w: float(depth, 1) },
      },
    );
    const { runs } = runAlone(wide, ['2', '600'], { MALLOC_ARENA_MAX: '1' });
    expect(runs).toEqual([
      expect.stringMatching(/OOM when allocating.*StudioLinear/),
      expect.stringMatching(/OOM when allocating/),
    ]);
  });

  it('refuse inputs of other sizes than they read', () => {
    const images = { images: float(4, 8, 8, 3), mix: float(8, 8) };
    const attrs: Record<string, Attr> = {
      ...{
        mean: { kind: 'float', value: [0, 0, 0] },
        inverse_std: { kind: 'float', value: [1, 1, 1] },
        noise: flag(true),
      },
    };
    const prepare = (boxes: number, seeds: number): Program =>
      programOf(({ tf, op }, { images: x, mix }) => {
        const [erase, seed] = [tf.zeros([boxes, 4], 'int32'), tf.zeros([seeds], 'int32')];
        return { y: op('StudioPrepare', [x as Tensor, mix as Tensor, erase, seed], attrs)[0] as Tensor };
      }, images);
    expect(runAlone(prepare(4, 2), []).runs[0]).toEqual([
      Array.from({ length: 4 }, () => expect.any(Number) as number),
    ]);
    for (const [boxes, seeds] of [
      [1, 2],
      [3, 2],
      [5, 2],
      [4, 1],
      [4, 3],
    ] as const)
      expect(runAlone(prepare(boxes, seeds), []).runs[0]).toMatch(/another number of elements/);
  });
});

it('pages that are not a loaded file’s own are not given back', ({ skip }) => {
  const folder = mkdtempSync(join(tmpdir(), 'efficienttrain-pages-'));
  const source = join(import.meta.dirname, 'file-pages.cc');
  const native = join(import.meta.dirname, '../../../src/main/engine/backend/native');
  const program = join(folder, 'file-pages');
  const built = spawnSync('g++', ['-std=c++17', '-O1', '-I', native, source, '-o', program], { encoding: 'utf8' });
  if (built.error) skip('there is no g++ here');
  expect(built.stderr).toBe('');
  const { stdout, status } = spawnSync(program, [], { encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  expect(status).toBe(0);
  // The replaced page is as it was and no part of it the file's; a page beside it is.
  expect(stdout).toBe('first 7 last 7 constant 2 replaced 0 beside 1\n');
});
