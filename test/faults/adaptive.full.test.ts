/**
 * A run that decides its borders during training: its results, and that decisions and series depend neither on the
 * number of loader workers nor on interruptions.
 */
import { cpSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { databasePath, runFolder } from '../../src/main/base/home';
import { command as show } from '../../src/main/cli/commands/show';
import { checkpointsFolder, listCheckpoints } from '../../src/main/engine/train/checkpoint';
import { openStore } from '../../src/main/store/open';
import { bordersDecided } from '../../src/main/store/events';
import { runSummaries } from '../../src/main/store/run-list';
import type { Dataset } from '../../src/main/store/datasets';
import { reconcileRuns, type Run } from '../../src/main/store/runs';
import type { BorderDecision } from '../../src/shared/contract/borders';
import { callOf } from '../support/command-call';
import { engineMissing } from '../support/engine';
import { importFolder, look, newRun, smallSample, temporary, train } from '../support/training';
import { compare } from './kills';

const EPOCHS = 5;
const SERIES = ['train/loss', 'grad_norm', 'lr', 'val/loss', 'val/top1'];

describe.skipIf(engineMissing)('a run that decides its borders', () => {
  const home = temporary('adaptive');
  let dataset: Dataset;
  let alone: Run;

  const made = (set: string[] = []): Run =>
    newRun(home, dataset, {
      ...{ preset: 'adaptive', epochs: EPOCHS },
      set: ['data.mixup=0.8', 'data.reprob=0.25', 'eval.every=2', 'schedule.adaptive.window=0.02', ...set],
    });
  const decided = (run: Run): BorderDecision[] => {
    const store = openStore(databasePath(home));
    try {
      return bordersDecided(store, run.id);
    } finally {
      store.close();
    }
  };

  beforeAll(async () => {
    dataset = await importFolder(home, smallSample(join(home, 'signs'), 40));
    alone = made(['checkpoint.every_seconds=0', 'checkpoint.keep_last=1000']);
    expect((await train(home, alone).ended).code).toBe(0);
  }, 300_000);

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
    const saved = new Map(listCheckpoints(runFolder(home, alone.id)).map(({ step, folder }) => [step, folder]));
    const whole = look(home, alone.id);
    for (const step of [border - 3, border]) {
      const folder = saved.get(step) as string;
      const again = made(['checkpoint.every_seconds=1000']);
      cpSync(folder, join(checkpointsFolder(runFolder(home, again.id)), basename(folder)), { recursive: true });
      expect((await train(home, again).ended).code).toBe(0);
      const rest = look(home, again.id);
      for (const name of SERIES)
        expect(rest.series[name], name).toEqual(whole.series[name]?.filter((point) => point.step > step));
      expect(rest.run.plan).toEqual(whole.run.plan);
      expect(decided(again)).toEqual(decided(alone).filter((decision) => decision.step > step));
    }
  }, 300_000);

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
  }, 300_000);
});
