/** `train --branch RUN@K` gives a run another tail, and trains only that tail. */
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { cliAt, errorOf } from '../support/cli';
import { engineMissing } from '../support/engine';
import { smallSample, temporary } from '../support/training';

const home = temporary('cli-branch');
const { cli, json } = cliAt(home);

interface Shown {
  run: {
    id: string;
    state: string;
    parent: { run: string; step: number } | null;
    compute: { equivalent_epochs: number; equivalent_epochs_total: number };
    config: {
      branch: string | null;
      data: { batch: number };
      checkpoint: { stage_ends: boolean };
      schedule: { stages: { bandwidth: number }[] };
    };
    stages: { first_step: number; steps: number }[];
    learning_order: { stages: { bandwidth: number; count: number }[]; never: number; total: number } | null;
  };
}

const STAGES = [16, 16, 32].map((bandwidth, index) => ({ bandwidth, magnitude: 3 * index, share: 1 / 3 }));
const seriesOf = async (run: string) =>
  (await json<{ series: Record<string, [number, number][]> }>('metrics', run)).series;

describe.skipIf(engineMissing)('a run with another tail', () => {
  let parent: Shown['run'];

  beforeAll(async () => {
    await json('import', smallSample(join(home, 'digits'), 16), '--name', 'digits', '--yes');
    const sets = [`schedule.stages=${JSON.stringify(STAGES)}`, 'data.workers=1', 'engine.intra_op_threads=2'];
    const own = ['--dataset', 'digits', '--model', 'resnet_micro', '--name', 'whole', '--epochs', '1', '--batch', '8'];
    await json('train', ...own, ...sets.flatMap((set) => ['--set', set]));
    ({ run: parent } = await json<Shown>('show', 'whole'));
  });

  it('has everything of its parent that is not given anew, and trains what follows the border', async () => {
    expect(parent.config.checkpoint.stage_ends).toBe(true);
    await json('train', '--branch', 'whole@2', '--name', 'tail', '--set', 'schedule.stages.2.bandwidth=24');
    const { run } = await json<Shown>('show', 'tail');
    const border = (parent.stages[1]?.first_step ?? 0) + (parent.stages[1]?.steps ?? 0);
    expect(run).toMatchObject({ state: 'completed', parent: { run: parent.id, step: border } });
    expect(run.config).toMatchObject({ branch: `${parent.id}@2`, data: { batch: 8 } });
    expect(run.config.schedule.stages.map(({ bandwidth }) => bandwidth)).toEqual([16, 16, 24]);
    const first = (await seriesOf('tail'))['train/loss']?.[0]?.[0] as number;
    expect(first).toBeGreaterThan(border);
    expect(run.compute.equivalent_epochs_total).toBeCloseTo(1, 0);
    expect(run.compute.equivalent_epochs).toBeLessThan(run.compute.equivalent_epochs_total);
  });

  it('is planned with what it takes over, and costs the hours of its tail', async () => {
    interface Dry {
      plan: { stages: unknown[]; totals: { hours: number; equivalent_epochs: number } };
      branch?: { run: string; stages: number; equivalent_epochs: number };
    }
    const tail = ['--branch', 'whole@2', '--set', 'schedule.stages.2.bandwidth=16'];
    const { plan, branch } = await json<Dry>('train', ...tail, '--dry-run');
    expect(plan.stages).toHaveLength(3);
    expect(branch).toMatchObject({ run: parent.id, stages: 2 });
    expect(branch?.equivalent_epochs).toBeCloseTo(plan.totals.equivalent_epochs - 2 / 3, 1);
    const { stdout } = await cli('train', ...tail, '--dry-run');
    expect(stdout).toContain(`Stages 1 to 2 are taken over from whole (${parent.id})`);
    const refused = ['--branch', 'whole@2', '--set', 'schedule.stages.0.bandwidth=24', '--dry-run', '--json'];
    expect(errorOf(await cli('train', ...refused)).what).toContain('Stage 1 is not that of');
  });

  it('with the same tail is its parent from there on, bit for bit', async () => {
    await json('train', '--branch', 'whole@1', '--name', 'again');
    const [whole, again] = [await seriesOf('whole'), await seriesOf('again')];
    const border = parent.stages[0]?.steps as number;
    for (const name of ['train/loss', 'val/loss'])
      expect(again[name], name).toEqual(whole[name]?.filter(([step]) => step > border));
    // The first stage's evaluation is the parent's.
    const { run } = await json<Shown>('show', 'again');
    expect(run.learning_order?.stages.map(({ bandwidth }) => bandwidth)).toEqual([16, 16, 32]);
    expect(run.learning_order).toEqual(parent.learning_order);
  });

  it('is refused where there is no such border, or its first stages are others', async () => {
    expect(errorOf(await cli('train', '--branch', 'whole@7', '--json')).what).toContain('has no end of stage 7');
    expect(errorOf(await cli('train', '--branch', 'whole', '--json')).code).toBe('usage');
    const other = ['--branch', 'whole@2', '--set', 'schedule.stages.0.bandwidth=24'];
    expect(errorOf(await cli('train', ...other, '--json')).what).toContain('Stage 1 is not that of');
  });
});
