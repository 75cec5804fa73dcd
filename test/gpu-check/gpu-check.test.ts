/**
 * The check of a GPU runs to its end on the processor where there is no GPU. Each verdict is tested on figures that a
 * GPU could give.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { locateEngine } from '../../src/main/engine/backend/locate';
import { temporary } from '../support/training';
import { judged as loaderJudged } from './checks/loader';
import { judged as memoryJudged } from './checks/memory';
import { differenceOf, judged as numbersJudged, type Numbers } from './checks/numbers';
import { judged as placementJudged, placementsIn } from './checks/placement';
import type { Report } from './run-checks';

const GIB = 2 ** 30;
const engine = locateEngine();

it.skipIf(engine.kind !== 'libtensorflow')(
  'runs to its end on the processor, and says so',
  () => {
    const file = join(temporary('gpu-check'), 'report.json');
    const script = join(import.meta.dirname, 'gpu-check.mjs');
    const { status, stdout, stderr } = spawnSync(process.execPath, [script, '--quick', '--json', file], {
      ...{ encoding: 'utf8', env: { ...process.env, CUDA_VISIBLE_DEVICES: '-1' } },
    });
    expect({ status, stderr: status === 0 ? '' : stderr }, stdout).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('No GPU was checked');
    const report = JSON.parse(readFileSync(file, 'utf8')) as Report;
    expect(report).toMatchObject({ device: 'processor', gpus: [], ok: true });
    const states = Object.fromEntries(report.results.map(({ id, state }) => [id, state]));
    expect(states).toMatchObject({
      ...{ device: 'skipped', placement: 'good', numbers: 'good', memory: 'good', loader: 'good', autocast: 'good' },
      ...{ 'two-runs': 'skipped', pytorch: 'skipped' },
    });
    // The report has a line for each.
    for (const { id, text } of report.results) expect(stdout).toContain(`${id.padEnd(9)}  ${text}`);
  },
  300_000,
);

it('tells a wrong command line, and helps', () => {
  const run = (...args: string[]): ReturnType<typeof spawnSync> =>
    spawnSync(process.execPath, [join(import.meta.dirname, 'gpu-check.mjs'), ...args], { encoding: 'utf8' });
  expect(run('--help')).toMatchObject({ status: 0, stdout: expect.stringContaining('--json FILE') as string });
  expect(run('--fast')).toMatchObject({ status: 2, stderr: expect.stringContaining('--fast') as string });
  expect(run('--minutes', 'soon').status).toBe(2);
});

describe('on a GPU', () => {
  const line = (node: string, op: string, device: string): string =>
    `${node}: (${op}): /job:localhost/replica:0/task:0/device:${device}:0\n`;
  const step = line('var/w/read', 'ReadVariableOp', 'GPU') + line('train_32_8/1_Conv2D', 'Conv2D', 'GPU');

  it('a step that is placed there is in order; an op on the processor is named', () => {
    expect(placementsIn(`noise\n${step}`)).toHaveLength(2);
    expect(placementJudged({ m: placementsIn(step) }, true)).toMatchObject({ state: 'good' });
    const planted = placementsIn(step + line('train_32_8/2_Sin', 'Sin', 'CPU') + line('read/w', 'Identity', 'CPU'));
    expect(placementJudged({ m: planted }, true)).toMatchObject({
      state: 'bad',
      text: '1 of 3 nodes of a step are placed on the processor: Sin.',
    });
    expect(placementJudged({}, true)).toMatchObject({ state: 'bad' });
  });

  it('numbers are compared by loss and by parameter, and NaN is a difference', () => {
    const reference: Numbers = { losses: [2, 1], gradients: { w: Float32Array.of(3, 4), b: Float32Array.of(0, 0) } };
    const with_ = (losses: number[], w: number[]): Numbers => ({
      losses,
      gradients: { ...reference.gradients, w: Float32Array.from(w) },
    });
    expect(differenceOf(reference, reference)).toEqual({ loss: 0, gradient: 0, parameter: '' });
    expect(differenceOf(with_([2, 1.01], [3, 4.05]), reference)).toMatchObject({
      loss: expect.closeTo(0.01, 6) as number,
      gradient: expect.closeTo(0.01, 4) as number,
      parameter: 'w',
    });
    for (const wrong of [with_([2, NaN], [3, 4]), with_([2], [3, 4]), with_([2, 1], [3, NaN]), with_([2, 1], [3])])
      expect(numbersJudged({ m: { float32: differenceOf(wrong, reference) } }, true).state).toBe('bad');
    const slightly = differenceOf(with_([2, 1], [3, 4.02]), reference);
    expect(numbersJudged({ m: { TF32: slightly } }, true).state).toBe('good');
    expect(numbersJudged({ m: { float32: slightly } }, true)).toMatchObject({
      state: 'bad',
      text: expect.stringContaining('(w)') as string,
    });
  });

  it('memory that grows, or is taken whole, is not in order', () => {
    const use = { warm: 4 * GIB, end: 4 * GIB, total: 80 * GIB, steps: 200 };
    expect(memoryJudged(use).state).toBe('good');
    expect(memoryJudged({ ...use, end: 5 * GIB })).toMatchObject({
      state: 'bad',
      text: expect.stringContaining('grows') as string,
    });
    expect(memoryJudged({ ...use, warm: 78 * GIB, end: 78 * GIB })).toMatchObject({
      state: 'bad',
      text: expect.stringContaining('allow_growth') as string,
    });
  });

  it('a real run that trains on the processor is not in order', () => {
    const run = { stages: [{ bandwidth: 32, seconds: 10, compute_seconds: 6 }], state: 'completed' };
    expect(loaderJudged({ ...run, device: { kind: 'cpu' } }, true)).toMatchObject({ state: 'bad' });
    expect(
      loaderJudged({ ...run, device: { kind: 'gpu', index: 0, uuid: 'GPU-a', name: 'H100' } }, true),
    ).toMatchObject({
      state: 'good',
      text: expect.stringContaining('40 % at 32 px') as string,
    });
  });
});
