/** The preflight's dry run: a few real steps at each size of a plan, timed, with the memory that they took. */
import { setImmediate as yieldToEvents } from 'node:timers/promises';
import type { Gpu } from '../../../shared/contract/devices';
import type { Plan } from '../../../shared/curriculum/plan';
import { learningRateAt } from '../../../shared/curriculum/plan';
import type { RunConfig } from '../../../shared/run-config';
import { applyEngineEnvironment } from '../../engine/backend/environment';
import { openProgram } from '../../engine/capture/open';
import { trainSignature } from '../../engine/tasks/signature-names';
import type { TrainingProgram } from '../../engine/tasks/training-program';
import { runStep } from '../../engine/train/run-step';
import { trainingSetup } from '../../engine/train/setup';
import type { Executor } from '../../engine/types';
import { graphCacheFolder } from '../../base/home';
import { memoryOf } from './device-memory';
import { outOfMemory } from './out-of-memory';
import { rngOf } from '../../../shared/random';

const TIMED_STEPS = 3;
/** Time limit at one size, after which fewer steps are taken. */
const TIMED_MS = 6000;

export interface MeasuredStage {
  bandwidth: number;
  batch: number;
  step_seconds: number;
  /** The process's highest resident memory so far: sizes are measured smallest first. */
  peak_bytes: number;
}

export interface MeasureOptions {
  home: string;
  config: RunConfig;
  classes: number;
  plan: Plan;
  /** Called before each size with its stage, and how many of how many are done. */
  onStage: (stage: number, done: number, total: number) => void;
  signal?: AbortSignal;
  /** The GPU of the steps; null, the default: the processor. */
  gpu?: Gpu | null;
  /** Whether XLA compiles the steps. */
  xla?: boolean;
}

/** Makes a step on noise for images, at a learning rate that changes nothing. */
function noiseStep(
  executor: Executor,
  training: TrainingProgram,
  { config, classes, plan, gpu = null }: MeasureOptions,
  index: number,
): () => void {
  const { bandwidth, batch, first_step } = plan.stages[index] as Plan['stages'][number];
  const rng = rngOf(0, index);
  const images = Uint8Array.from({ length: batch * config.size * config.size * 3 }, () => rng.uint32() & 255);
  const labels = Int32Array.from({ length: batch }, () => rng.below(Math.max(classes, 1)));
  const step = { step: first_step, images, labels, erase: new Int32Array(batch * 4), waitMs: 0 };
  const lr = Math.min(learningRateAt(plan, config, first_step), 1e-6);
  const at = { seed: 0, step: first_step, bandwidth, lr };
  return () => {
    try {
      runStep(executor, training, step, at);
    } catch (error) {
      throw outOfMemory(error, { config, classes, plan, step: first_step, device: memoryOf(gpu) }) ?? error;
    }
  };
}

/**
 * Runs real steps at each distinct size and batch, smallest first. The first step of each also builds its kernels and
 * is not timed.
 * @throws AppError engine_failed where the memory doesn't suffice, naming the stage and a batch that fits
 */
export async function measureStages(options: MeasureOptions): Promise<MeasuredStage[]> {
  const { home, config, classes, plan, onStage, signal, xla = false } = options;
  applyEngineEnvironment({
    intraOpThreads: config.engine.intra_op_threads,
    interOpThreads: config.engine.inter_op_threads,
  });
  const setup = trainingSetup(config, classes, plan.stages);
  const { executor } = openProgram({
    ...{ build: setup.program, key: setup.key, cacheFolder: graphCacheFolder(home), autocast: setup.autocast, xla },
  });
  try {
    executor.write(setup.training.initialState(config.seed));
    executor.write(setup.training.scratchState());
    const distinct = new Map(
      plan.stages.map(({ bandwidth, batch }, index) => [trainSignature(bandwidth, batch), index]),
    );
    const pixels = (index: number): number =>
      (plan.stages[index]?.bandwidth ?? 0) ** 2 * (plan.stages[index]?.batch ?? 0);
    const order = [...distinct].sort(([, a], [, b]) => pixels(a) - pixels(b));
    const measured: MeasuredStage[] = [];
    for (const [, index] of order) {
      onStage(index, measured.length, order.length);
      const step = noiseStep(executor, setup.training, options, index);
      const times: number[] = [];
      const begun = performance.now();
      while (times.length <= TIMED_STEPS && (times.length < 2 || performance.now() - begun < TIMED_MS)) {
        // A cancel can arrive here, between two steps.
        await yieldToEvents();
        signal?.throwIfAborted();
        const started = performance.now();
        step();
        times.push(performance.now() - started);
      }
      const timed = times.slice(1).sort((a, b) => a - b);
      const { bandwidth, batch } = plan.stages[index] as Plan['stages'][number];
      const step_seconds = (timed[timed.length >> 1] as number) / 1000;
      measured.push({ bandwidth, batch, step_seconds, peak_bytes: process.resourceUsage().maxRSS * 1024 });
    }
    return measured;
  } finally {
    executor.dispose();
  }
}

/**
 * Returns the hours of training, without evaluations and checkpoints.
 * @param load seconds in which the loader prepares an image, where earlier runs have waited for it; of `replay_times`
 *   images one is prepared. 0: it is taken to keep up
 */
export function hoursOf({ stages }: Plan, measured: readonly MeasuredStage[], load: number): number {
  const seconds = stages.map(({ bandwidth, batch, steps, replay_times }) => {
    const own = measured.find((stage) => stage.bandwidth === bandwidth && stage.batch === batch);
    if (!own) throw new Error(`nothing was measured at ${bandwidth} px in batches of ${batch}`);
    return Math.max(own.step_seconds, (load * batch) / replay_times) * steps;
  });
  return seconds.reduce((sum, value) => sum + value, 0) / 3600;
}
