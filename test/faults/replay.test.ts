/**
 * A run with replay: its results, and that its series continue with the same bits after a border, where the buffer is
 * empty.
 */
import { cpSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { runFolder } from '../../src/main/base/home';
import { command as show } from '../../src/main/cli/commands/show';
import { checkpointsFolder, listCheckpoints } from '../../src/main/engine/train/checkpoint';
import type { Dataset } from '../../src/main/store/datasets';
import type { Run } from '../../src/main/store/runs';
import { callOf } from '../support/command-call';
import { engineMissing } from '../support/engine';
import { importFolder, look, newRun, smallSample, temporary, train } from '../support/training';
import { REPLAYING } from './replaying';

const EPOCHS = 6;

describe.skipIf(engineMissing)('a run that replays', () => {
  const home = temporary('replay');
  let dataset: Dataset;
  let alone: Run;

  const made = (): Run =>
    newRun(home, dataset, {
      epochs: EPOCHS,
      set: [...REPLAYING, 'checkpoint.every_seconds=0', 'checkpoint.keep_last=1000'],
    });

  beforeAll(async () => {
    dataset = await importFolder(home, smallSample(join(home, 'signs'), 40));
    alone = made();
    expect((await train(home, alone).ended).code).toBe(0);
  });

  it('tells images that were trained from images that were decoded', async () => {
    const { json, text } = await show.run(callOf(home, [alone.id]));
    const { run } = json as { run: { plan: Run['plan']; stages: { images: number; images_decoded: number }[] } };
    expect(run.plan.stages.map(({ replay_times }) => replay_times)).toEqual([4, 2, 1]);
    for (const [at, { images, images_decoded }] of run.stages.entries()) {
      const { steps, batch, replay_times } = alone.plan.stages[at] as Run['plan']['stages'][number];
      expect([images, images_decoded]).toEqual([steps * batch, (steps * batch) / replay_times]);
    }
    const { images, images_decoded } = run.plan.totals;
    expect(run.stages.reduce((sum, stage) => sum + stage.images_decoded, 0)).toBe(images_decoded);
    expect(text).toContain(`${images_decoded.toLocaleString('en')} of them decoded`);
    expect(text).toContain(`${Math.round(1000 * (1 - images_decoded / images)) / 10} % of the loads were saved`);
  });

  it.each([0, 1])('continues after the first border with the same bits: checkpoint %i from there', async (nth) => {
    const border = alone.plan.stages[1]?.first_step as number;
    const saved = listCheckpoints(runFolder(home, alone.id)).toReversed();
    const { folder, step } = saved.filter((checkpoint) => checkpoint.step >= border)[nth] as (typeof saved)[number];
    if (nth === 0) expect(step).toBe(border);
    const again = made();
    cpSync(folder, join(checkpointsFolder(runFolder(home, again.id)), basename(folder)), { recursive: true });
    expect((await train(home, again).ended).code).toBe(0);
    const [whole, rest] = [look(home, alone.id).series, look(home, again.id).series];
    for (const name of ['train/loss', 'grad_norm', 'lr', 'val/loss', 'val/loss_ema'])
      expect(rest[name], name).toEqual(whole[name]?.filter((point) => point.step > step));
    expect(rest['train/loss']?.[0]?.step).toBe(step + 1);
  });
});
