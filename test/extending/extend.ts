/**
 * Runs in a copy of the program that contains a file of the guide: trains two steps of a task and a model by their
 * names, as a run's configuration gives them, evaluates as a run does, and prints the results as a line of JSON.
 */
import { applyEngineEnvironment } from '../../src/main/engine/backend/environment';
import { openProgram } from '../../src/main/engine/capture/open';
import type { EvalBatch, EvalLoader } from '../../src/main/engine/data/loader/eval-loader';
import { modelEntries, modelEntry } from '../../src/main/engine/models';
import { allTasks } from '../../src/main/engine/tasks';
import { runStep } from '../../src/main/engine/train/run-step';
import { trainingSetup } from '../../src/main/engine/train/setup';
import { bestAfter, validate, validationValues } from '../../src/main/engine/train/validation';
import type { TrainBatch } from '../../src/main/engine/types';
import { buildPlan } from '../../src/shared/curriculum/plan';
import { NO_IMAGE } from '../../src/shared/labels';
import { rngOf } from '../../src/shared/random';
import { resolveConfig } from '../../src/shared/run-config-resolve';

export interface ExtendCase {
  task: string;
  model: string;
  cacheFolder: string;
}

export interface Extended {
  tasks: string[];
  models: string[];
  /** Bandwidth and loss of each step, and whether its values came from a captured graph. */
  steps: { bandwidth: number; loss: number; values: Record<string, number> }[];
  captured: boolean;
  recorded: Record<string, number>;
  best: unknown;
}

const [SIZE, BATCH, CLASSES] = [32, 8, 3];

const noise = (seed: number): Uint8Array => {
  const rng = rngOf(seed);
  return Uint8Array.from({ length: BATCH * SIZE * SIZE * 3 }, () => rng.below(256));
};

function trainBatch(step: number): TrainBatch {
  const labels = Int32Array.from({ length: BATCH }, (_, row) => row % CLASSES);
  return { step, images: noise(step), labels, erase: new Int32Array(4 * BATCH), waitMs: 0 };
}

/** Yields two batches of a split of 13 images; the rest is padding. */
const evalLoader: EvalLoader = {
  *batches(): Generator<EvalBatch> {
    for (const count of [BATCH, 5]) {
      const labels = Int32Array.from({ length: BATCH }, (_, row) => (row < count ? row % CLASSES : NO_IMAGE));
      yield { images: noise(count), labels };
    }
  },
  problems: () => [],
  close: () => Promise.resolve(),
};

/** @param text the case as JSON */
export async function main([text = '']: string[]): Promise<void> {
  const { task, model, cacheFolder } = JSON.parse(text) as ExtendCase;
  applyEngineEnvironment({ intraOpThreads: 1, interOpThreads: 1 });
  const entry = modelEntry(model);
  const flags = { task, size: SIZE, 'schedule.equivalent_epochs': 1, 'data.batch': BATCH, 'eval.batch': BATCH };
  const { config } = resolveConfig({ dataset: 'noise', model: entry, flags });
  const plan = buildPlan(config, 100 * BATCH, (side) => entry.macs(side));
  const setup = trainingSetup(config, CLASSES, plan.stages);
  const { program: build, key, training, evaluation } = setup;
  const { executor } = openProgram({ build, key, cacheFolder });
  executor.write(training.initialState(0));
  executor.write(training.scratchState());
  // The steps are one of the first stage and one of the last.
  const steps = [plan.stages[0], plan.stages.at(-1)].map((stage, step) => {
    const bandwidth = stage?.bandwidth ?? SIZE;
    const { loss, values } = runStep(executor, training, trainBatch(step), { seed: 1, step, bandwidth, lr: 1e-3 });
    return { bandwidth, loss, values };
  });
  const validation = await validate({ config, evaluation, executor, knn: null, evalLoader }, SIZE, () => false);
  if (!validation) throw new Error('the evaluation was given up');
  const extended: Extended = {
    tasks: allTasks().map(({ id }) => id),
    models: modelEntries().map(({ id }) => id),
    steps,
    captured: executor.kind === 'captured',
    recorded: validationValues(validation, evaluation.metrics),
    best: bestAfter(null, validation.raw, validation.raw.count, 2, setup.task.best),
  };
  process.stdout.write(`${JSON.stringify(extended)}\n`);
}
