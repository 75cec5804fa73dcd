/**
 * Runs that decide their borders while they train, together with the parts of the method that depend on where a stage
 * begins: the replay buffer, branches and a teacher.
 */
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { databasePath, runFolder } from '../../src/main/base/home';
import { loadCheckpointState, newestCheckpoint } from '../../src/main/engine/train/checkpoint';
import { createBranch } from '../../src/main/services/runs/branch';
import { resolveRun } from '../../src/main/services/runs/configs';
import { createRunFrom, initialWeights } from '../../src/main/services/runs/initial-weights';
import type { Dataset } from '../../src/main/store/datasets';
import { openStore, type Store } from '../../src/main/store/open';
import type { Run } from '../../src/main/store/runs';
import { engineMissing } from '../support/engine';
import { importFolder, look, newRun, smallSample, temporary, train } from '../support/training';
import { decidedBorders, expectSameRest, savedSteps, trainFrom } from './decided-borders';
import { REPLAYING } from './replaying';

const ALL_KEPT = ['checkpoint.every_seconds=0', 'checkpoint.keep_last=1000'];
const OWN = ['schedule.adaptive.window=0.02', 'eval.every=4', 'data.mixup=0.8'];
const THREADS = ['engine.intra_op_threads=2', 'engine.inter_op_threads=1', 'data.workers=1'];

describe.skipIf(engineMissing)('a run that decides its borders', () => {
  const home = temporary('adaptive-parts');
  let dataset: Dataset;

  beforeAll(async () => {
    dataset = await importFolder(home, smallSample(join(home, 'signs'), 40));
  });

  async function withStore<T>(use: (store: Store) => T | Promise<T>): Promise<T> {
    const store = openStore(databasePath(home));
    try {
      return await use(store);
    } finally {
      store.close();
    }
  }
  const trained = async (run: Run): Promise<Run> => {
    expect((await train(home, run).ended).code).toBe(0);
    return look(home, run.id).run;
  };
  /** Says that both borders were decided, and that they are not where the plan before the run had them. */
  function expectDecided(run: Run, planned: Run): void {
    const borders = decidedBorders(home, run).map(({ step }) => step);
    expect(borders).toEqual(run.plan.stages.slice(1).map(({ first_step }) => first_step));
    expect(borders).not.toEqual(planned.plan.stages.slice(1).map(({ first_step }) => first_step));
  }

  it('replays, and continues with the same bits before and behind a border, for any number of workers', async () => {
    const made = (set: string[]): Run => newRun(home, dataset, { epochs: 12, set: [...REPLAYING, ...OWN, ...set] });
    const planned = made(ALL_KEPT);
    const alone = await trained(planned);
    expectDecided(alone, planned);
    expect(alone.plan.stages.map(({ replay_times }) => replay_times)).toEqual([4, 2, 1]);
    const { images, images_decoded } = alone.plan.totals;
    expect(images_decoded).toBe(
      alone.plan.stages.reduce((sum, { steps, batch, replay_times }) => sum + (steps * batch) / replay_times, 0),
    );
    expect(images_decoded).toBeLessThan(images);
    const border = alone.plan.stages[1]?.first_step as number;
    const saved = savedSteps(home, alone);
    const [before, behind] = [saved.findLast((step) => step < border), saved.find((step) => step > border)];
    for (const [step, workers] of [
      [before, 1],
      [border, 3],
      [behind, 1],
    ] as const) {
      const again = made([`data.workers=${workers}`]);
      await trainFrom(home, alone, step as number, again);
      expectSameRest(home, alone, again, step as number);
    }
  });

  it('branches from the end of a stage as it was decided, with the same bits and decisions', async () => {
    const request = (set: string[] = []) => ({
      ...{ dataset, model: 'resnet_micro', preset: 'adaptive' },
      flags: { size: 32, 'schedule.equivalent_epochs': 8, 'data.batch': 16 },
      set: [...THREADS, ...OWN, 'checkpoint.stage_ends=true', ...set],
    });
    const planned = newRun(home, dataset, {
      preset: 'adaptive',
      epochs: 8,
      set: [...OWN, 'checkpoint.stage_ends=true'],
    });
    const parent = await trained(planned);
    expectDecided(parent, planned);
    const branchOf = (stages: number, set: string[] = []): Promise<Run> =>
      withStore((store) => createBranch(home, store, resolveRun(request([`branch=${parent.id}@${stages}`, ...set]))));
    const ends = parent.plan.stages.map(({ first_step, steps }) => first_step + steps);
    for (const stages of [1, 2]) {
      const branch = await branchOf(stages);
      expect(branch.step).toBe(ends[stages - 1]);
      expect(branch.plan.adaptive).toMatchObject({ decided: stages });
      await trained(branch);
      expectSameRest(home, parent, branch, branch.step);
      const [left, right] = await Promise.all(
        [parent, branch].map(async ({ id }) => (await newestCheckpoint(runFolder(home, id))).checkpoint),
      );
      if (!left || !right) throw new Error('no checkpoint');
      expect(loadCheckpointState(right)).toEqual(loadCheckpointState(left));
    }
    // A tail with planned borders begins where the parent's stage has ended.
    const tail = await branchOf(1, ['schedule.adaptive=null']);
    expect(tail.plan.adaptive).toBeNull();
    expect(tail.plan.stages[0]?.steps).toBe(parent.plan.stages[0]?.steps);
    expect((await trained(tail)).step).toBe(tail.plan.totals.steps);
  });

  it('learns from a teacher, and is stopped and resumed to the same bits; it has no branches', async () => {
    const teacher = newRun(home, dataset, { preset: 'constant', epochs: 1 });
    await trained(teacher);
    const resolved = (store: Store, set: string[] = []) =>
      resolveRun({
        ...{ dataset, model: 'resnet_micro', preset: 'adaptive', teachers: { store, files: false } },
        flags: { size: 32, 'schedule.equivalent_epochs': 8, 'data.batch': 16, 'distillation.teacher': teacher.id },
        set: [...THREADS, ...OWN, ...ALL_KEPT, ...set],
      });
    const student = (): Promise<Run> =>
      withStore(async (store) => {
        const own = resolved(store);
        const weights = await initialWeights(home, store, own.config, dataset.classes.length);
        return createRunFrom(home, store, own, weights);
      });
    const planned = await student();
    const alone = await trained(planned);
    expectDecided(alone, planned);
    const { teacher_flops, images } = alone.plan.totals;
    expect(teacher_flops / images).toBeCloseTo(planned.plan.totals.teacher_flops / planned.plan.totals.images, 0);
    expect(teacher_flops).toBeGreaterThan(0);
    const border = alone.plan.stages[1]?.first_step as number;
    const stopped = await student();
    await train(home, stopped, (message, trainer) => {
      if (message.type === 'progress' && message.step > 0) trainer.send({ type: 'stop' });
    }).ended;
    expect(look(home, stopped.id).run).toMatchObject({ state: 'stopped' });
    await trained(stopped);
    expectSameRest(home, alone, stopped, 0);
    const again = await student();
    await trainFrom(home, alone, border, again);
    expectSameRest(home, alone, again, border);
    await expect(
      withStore((store) => createBranch(home, store, resolved(store, [`branch=${alone.id}@1`]))),
    ).rejects.toMatchObject({
      code: 'invalid_config',
      why: 'A run that learns from a teacher has no branches.',
      next: expect.stringContaining('init') as string,
    });
  });
});
