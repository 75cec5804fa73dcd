import { expect } from 'vitest';
import { rngOf } from '../../src/shared/random';
import { loadCheckpointState, newestCheckpoint } from '../../src/main/engine/train/checkpoint';
import { runFolder } from '../../src/main/base/home';
import { learningOrderByClass, type ClassedLearningOrder } from '../../src/main/services/runs/learning-order';
import { findRun, reconcileRuns } from '../../src/main/store/runs';
import type { Dataset } from '../../src/main/store/datasets';
import { importFolder, look, newRun, smallSample, temporary, train } from '../support/training';
import { withStore } from '../support/with-store';

/** Series whose bits have to be equal; times and memory depend on the machine. */
const EXACT = [
  ...['train/loss', 'grad_norm', 'lr', 'train/top1', 'val/loss', 'val/top1', 'val/loss_ema', 'val/top1_ema'],
  ...['val/loss_stage', 'val/top1_stage'],
];
/** Everything that draws random numbers is enabled. */
export const SET = [
  'checkpoint.every_seconds=0.2',
  'ema.decay=0.99',
  'model_args.drop_path_rate=0.1',
  'data.mixup=0.8',
  'data.cutmix=1',
  'data.reprob=0.25',
];

/** The run to train; by default a classifier of the sample's classes. */
export interface Trained {
  model?: string;
  /** All texts of --set. */
  set?: readonly string[];
  data?: (home: string) => Promise<Dataset>;
}

const sampleOf = (home: string): Promise<Dataset> => importFolder(home, smallSample(temporary('kills-data'), 40));

/**
 * Kills a run `kills` times at moments drawn from `seed`, resumes it each time, and compares it with an uninterrupted
 * run.
 */
export async function killAndCompare(
  kills: number,
  seed: number,
  epochs: number,
  { model = 'resnet_micro', set = SET, data = sampleOf }: Trained = {},
): Promise<void> {
  const home = temporary('kills');
  const dataset = await data(home);
  const alone = newRun(home, dataset, { model, epochs, set: [...set] });
  expect((await train(home, alone).ended).code).toBe(0);
  const killed = newRun(home, dataset, { model, epochs, set: [...set] });
  const rng = rngOf(seed);
  let done = 0;
  for (let attempt = 0; attempt <= kills; attempt++) {
    const last = attempt === kills;
    // The kill follows some time after the trainer's first message: during preparation, a step, an evaluation or a
    // checkpoint.
    let timer: NodeJS.Timeout | undefined;
    const trainer = train(home, killed, (message) => {
      if (!last && message.type === 'progress')
        timer ??= setTimeout(() => trainer.kill(), Math.floor(rng.uniform() * 1200));
    });
    const { code, signal } = await trainer.ended;
    clearTimeout(timer);
    if (signal === 'SIGKILL') done++;
    else expect(code, 'a trainer that was not killed in time has completed').toBe(0);
    if (code === 0) break;
    expect(withStore(home, reconcileRuns)).toEqual([killed.id]);
  }
  expect(done, 'kills that hit').toBeGreaterThanOrEqual(Math.ceil(kills / 2));
  await compare(home, alone.id, killed.id);
}

/** Expects equal bits in the series and the state of two completed runs. */
export async function compare(home: string, expected: string, actual: string): Promise<void> {
  const [a, b] = [look(home, expected), look(home, actual)];
  expect(b.run.state).toBe('completed');
  expect(b.run.best).toEqual(a.run.best);
  for (const name of EXACT) {
    if (!a.series[name]) continue;
    expect(b.series[name], name).toEqual(a.series[name]);
  }
  expect(a.series['train/loss']).toHaveLength(a.run.steps);
  // Stages are evaluated as often as the final size. In the last stage, which trains at the final size, both agree.
  const metric = a.series['val/top1'] ? 'val/top1' : 'val/loss';
  const stages = [a.series[`${metric}_stage`], a.series[metric]];
  expect(stages[0]?.map(({ step }) => step)).toEqual(stages[1]?.map(({ step }) => step));
  expect(stages[0]?.at(-1)).toEqual(stages[1]?.at(-1));
  const [left, right] = await Promise.all(
    [expected, actual].map(async (id) => (await newestCheckpoint(runFolder(home, id))).checkpoint),
  );
  expect(right?.info.step).toBe(left?.info.step);
  if (left && right) expect(loadCheckpointState(right)).toEqual(loadCheckpointState(left));
  expect(learningOrderOf(home, actual)).toEqual(learningOrderOf(home, expected));
  if (a.run.config.task === 'classify')
    expect(learningOrderOf(home, expected)?.stages).toHaveLength(a.run.plan.stages.length);
}

const learningOrderOf = (home: string, id: string): ClassedLearningOrder | null =>
  withStore(home, (store) => learningOrderByClass(store, findRun(store, id), 'raw'));
