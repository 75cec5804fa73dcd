/**
 * `study frequency` and `study checkpoints`: runs on filtered images, and a run's checkpoints on filtered and augmented
 * images.
 */
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { cliAt, errorOf } from '../support/cli';
import { engineMissing } from '../support/engine';
import { smallSample, temporary } from '../support/training';

const home = temporary('cli-study');
const { cli, json } = cliAt(home);

interface Curve {
  radius: number | null;
  runs: { id: string; seed: number; state: string }[];
  curve: { step: number; progress: number; top1: number; low: number; high: number }[];
  leaves: unknown;
}
interface Study {
  study: { id: string; images: number; curves: Curve[]; fit: unknown };
}
interface Checkpoints {
  study: {
    views: string[];
    images: number;
    checkpoints: { step: number; views: Record<string, { top1: number; loss: number; low: number; high: number }> }[];
  };
}

const OWN = ['--dataset', 'digits', '--model', 'resnet_micro', '--size', '32', '--epochs', '2', '--batch', '16'];
const SET = ['data.workers=1', 'engine.intra_op_threads=2', 'eval.every=0.5', 'checkpoint.stage_ends=true'];
const study = (radii: string) =>
  json<Study>('study', 'frequency', ...OWN, '--radii', radii, ...SET.flatMap((field) => ['--set', field]));

describe.skipIf(engineMissing)('a frequency study', () => {
  let first: Study['study'];

  beforeAll(async () => {
    await json('import', smallSample(join(home, 'digits'), 8), '--name', 'digits', '--yes');
    ({ study: first } = await study('4'));
  });

  it('trains one run unfiltered and one at each radius, and gives the curves with their intervals', () => {
    expect(first.curves.map(({ radius }) => radius)).toEqual([null, 4]);
    for (const { runs, curve } of first.curves) {
      expect(runs).toMatchObject([{ seed: 0, state: 'completed' }]);
      expect(curve.length).toBeGreaterThanOrEqual(3);
      expect(curve.at(-1)?.progress).toBeCloseTo(1, 9);
      for (const { top1, low, high } of curve) expect(low <= top1 && top1 <= high).toBe(true);
    }
    expect(first).toMatchObject({ images: 8, fit: null });
  });

  it('continues with what is trained: another radius joins, and no run is trained again', async () => {
    const { study: more } = await study('4,8');
    expect(more.id).toBe(first.id);
    const idOf = ({ curves }: Study['study'], radius: number | null) =>
      curves.find((of) => of.radius === radius)?.runs[0]?.id;
    expect(more.curves.map(({ radius }) => radius)).toEqual([null, 4, 8]);
    expect([idOf(more, null), idOf(more, 4)]).toEqual([idOf(first, null), idOf(first, 4)]);
    expect(await json('study', 'show', first.id.slice(0, 5))).toEqual({ study: more });
    expect(await json('study', 'list')).toEqual({ studies: [more] });
    expect((await cli('study', 'show', first.id)).stdout).toContain('radius 8');
  });

  it("evaluates a run's own frequencies unless another filter is asked for", async () => {
    const [id] = first.curves[1]?.runs.map((run) => run.id) as [string];
    const own = await json<{ loss: number; filter: unknown }>('evaluate', id, '--checkpoint', 'last');
    expect(own.filter).toEqual({ kind: 'low_pass', radius: 4 });
    const { series } = await json<{ series: Record<string, [number, number][]> }>('metrics', id);
    expect(own.loss).toBeCloseTo(series['val/loss']?.at(-1)?.[1] as number, 4);
    const whole = await json<{ loss: number; filter: unknown }>(
      'evaluate',
      id,
      '--checkpoint',
      'last',
      '--filter',
      'none',
    );
    expect(whole.filter).toBeUndefined();
    expect(Math.abs(whole.loss - own.loss)).toBeGreaterThan(1e-4);
    expect(errorOf(await cli('evaluate', id, '--filter', 'low_pass:', '--json'))).toMatchObject({ code: 'usage' });
  });

  it("measures a run's checkpoints on filtered and augmented images", async () => {
    const [id] = first.curves[0]?.runs.map((run) => run.id) as [string];
    const { study: made } = await json<Checkpoints>('study', 'checkpoints', id, '--radii', '4');
    expect(made.views).toEqual(['plain', 'low_pass:4', 'high_pass:4', 'weak', 'strong']);
    expect(made.images).toBe(8);
    const last = made.checkpoints.at(-1);
    for (const view of made.views) expect(last?.views[view]?.loss).toBeGreaterThan(0);
    for (const [view, filter] of [
      ['plain', 'none'],
      ['low_pass:4', 'low_pass:4'],
      ['high_pass:4', 'high_pass:4'],
    ] as const) {
      const { top1, loss } = await json<{ top1: number; loss: number }>(
        ...['evaluate', id, '--checkpoint', 'last', '--filter', filter],
      );
      expect(last?.views[view]).toMatchObject({ top1 });
      expect(last?.views[view]?.loss).toBeCloseTo(loss, 5);
    }
  });

  it.each([
    [['study'], 'usage'],
    [['study', 'other'], 'usage'],
    [['study', 'frequency', '--dataset', 'digits'], 'usage'],
    [['study', 'frequency', ...OWN, '--radii', '4,x'], 'usage'],
    [['study', 'frequency', ...OWN, '--set', 'data.filter=null'], 'usage'],
    [['study', 'show', 'nothing'], 'not_found'],
  ])('%j is refused', async (args, code) => {
    expect(errorOf(await cli(...args, '--json'))).toMatchObject({ code });
  });
});
