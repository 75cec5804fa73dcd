/**
 * A run that decides its borders during training: its results, and that decisions and series depend neither on the
 * number of loader workers nor on interruptions.
 */
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { databasePath, runFolder } from '../../src/main/base/home';
import { command as show } from '../../src/main/cli/commands/show';
import { listCheckpoints } from '../../src/main/engine/train/checkpoint';
import { openStore } from '../../src/main/store/open';
import { runSummaries } from '../../src/main/store/run-list';
import type { Dataset } from '../../src/main/store/datasets';
import { reconcileRuns, type Run } from '../../src/main/store/runs';
import { callOf } from '../support/command-call';
import { engineMissing } from '../support/engine';
import { importFolder, look, newRun, smallSample, temporary, train } from '../support/training';
import { decidedBorders, expectSameRest, savedSteps, trainFrom } from './decided-borders';
import { compare } from './kills';

const EPOCHS = 5;
/** Steps of a window of the first stage: a fiftieth of 5 epochs of 160 images, in batches of 16 at half the size. */
const WINDOW = 4;

describe.skipIf(engineMissing)('a run that decides its borders', () => {
  const home = temporary('adaptive');
  let dataset: Dataset;
  let alone: Run;

  const made = (set: string[] = []): Run =>
    newRun(home, dataset, {
      ...{ preset: 'adaptive', epochs: EPOCHS },
      set: ['data.mixup=0.8', 'data.reprob=0.25', 'eval.every=2', 'schedule.adaptive.window=0.02', ...set],
    });
  const decided = (run: Run) => decidedBorders(home, run);

  beforeAll(async () => {
    dataset = await importFolder(home, smallSample(join(home, 'signs'), 40));
    alone = made(['checkpoint.every_seconds=0', 'checkpoint.keep_last=1000']);
    expect((await train(home, alone).ended).code).toBe(0);
  });

  it('spends its budget, and says where each stage ended and why', async () => {
    const { run, series } = look(home, alone.id);
    const decisions = decided(alone);
    expect(run.state).toBe('completed');
    expect(decisions.map(({ stage }) => stage)).toEqual([0, 1]);
    expect(decisions.map(({ step }) => step)).toEqual(run.plan.stages.slice(1).map(({ first_step }) => first_step));
    expect(decisions.some(({ reason }) => reason === 'pays_too_little')).toBe(true);
    expect(run.plan).not.toEqual(alone.plan);
    expect(run.steps).toBe(run.plan.totals.steps);
    expect(series['train/loss']).toHaveLength(run.steps);
    // A step at the final size costs 16 images.
    expect(Math.abs(run.plan.totals.equivalent_epochs - EPOCHS) * run.plan.samples).toBeLessThanOrEqual(16);
    // Stage ends are evaluated and their checkpoints kept, and lists of runs show them.
    const ends = run.plan.stages.map(({ first_step, steps }) => first_step + steps);
    expect(series['val/top1']?.map(({ step }) => step)).toEqual(expect.arrayContaining(ends));
    const kept = listCheckpoints(runFolder(home, alone.id)).map(({ step }) => step);
    expect(kept).toEqual(expect.arrayContaining(ends));
    const store = openStore(databasePath(home));
    expect(runSummaries(store).find(({ id }) => id === run.id)).toMatchObject({ stage_ends: ends, steps: run.steps });
    store.close();
    const { json, text } = await show.run(callOf(home, [alone.id]));
    expect(json).toMatchObject({ run: { borders: decisions, plan: { adaptive: { decided: 2 } } } });
    expect(text).toContain(`Stage 1 (16 px) ends after step ${ends[0]}`);
  });

  it('decides the same with more loader workers', async () => {
    const more = made(['data.workers=3', 'checkpoint.every_seconds=1000']);
    expect((await train(home, more).ended).code).toBe(0);
    expect(decided(more)).toEqual(decided(alone));
    await compare(home, alone.id, more.id);
  });

  it('continues from any checkpoint with the same bits: in a window, and at a border', async () => {
    const [border = 0] = decided(alone).map(({ step }) => step);
    // Two steps may be in flight, so not every step has a checkpoint.
    const within = savedSteps(home, alone).findLast((step) => step < border && step % WINDOW !== 0);
    for (const step of [within as number, border]) {
      const again = made(['checkpoint.every_seconds=1000']);
      await trainFrom(home, alone, step, again);
      expectSameRest(home, alone, again, step);
    }
  });

  it('is bit-equal after it was killed behind a border that no checkpoint has yet', async () => {
    const [border = 0] = decided(alone).map(({ step }) => step);
    const killed = made(['checkpoint.every_seconds=0.5', 'checkpoint.stage_ends=false']);
    const trainer = train(home, killed, (message) => {
      if (message.type === 'progress' && message.step > border) trainer.kill();
    });
    expect((await trainer.ended).signal).toBe('SIGKILL');
    const store = openStore(databasePath(home));
    reconcileRuns(store);
    store.close();
    expect((await train(home, killed).ended).code).toBe(0);
    expect(decided(killed)).toEqual(decided(alone));
    await compare(home, alone.id, killed.id);
  });
});
