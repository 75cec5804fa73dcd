/**
 * Runs our side of the step bench: the program of a real run, on noise. Lines in: {"steps": n} or {"evaluations": n};
 * out: {"ms": [...]}.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { applyEngineEnvironment } from '../../../src/main/engine/backend/environment';
import { openProgram } from '../../../src/main/engine/capture/open';
import { modelEntry } from '../../../src/main/engine/models';
import { runStep } from '../../../src/main/engine/train/run-step';
import type { StepAt } from '../../../src/main/engine/tasks/training-program';
import { trainingSetup } from '../../../src/main/engine/train/setup';
import { viewOf } from '../../../src/main/engine/tasks/view';
import type { HostArray } from '../../../src/main/engine/types';
import { buildPlan } from '../../../src/shared/curriculum/plan';
import { runConfigSchema } from '../../../src/shared/run-config';
import { rngOf } from '../../../src/shared/random';

export interface StepCase {
  model: string;
  /** Side that the model sees. */
  bandwidth: number;
  /** Side of the loader's images. */
  size: number;
  batch: number;
  threads: number;
  autocast?: boolean;
}

const CLASSES = 1000;

export interface Prepared {
  step: () => void;
  evaluate: () => void;
  /** Returns the signature and inputs of one of the two, and every variable's value. */
  feed: (of: 'step' | 'evaluate') => {
    signature: string;
    inputs: Record<string, HostArray>;
    state: Record<string, Float32Array>;
  };
}

/** @param cacheFolder where the graph is stored */
export function prepare(
  { model, bandwidth, size, batch, threads, autocast = false }: StepCase,
  cacheFolder: string,
): Prepared {
  applyEngineEnvironment({ intraOpThreads: threads, interOpThreads: null });
  const { task } = modelEntry(model);
  const config = runConfigSchema.parse({
    ...{ dataset: 'noise', task, model, size, data: { batch } },
    // Pre-training neither clips nor averages, as published (He et al., CVPR 2022, appendix A.1).
    ...(task === 'classify' && { optimizer: { clip_grad_norm: 5 }, ema: { decay: 0.9999 } }),
    ...{
      schedule: { equivalent_epochs: 1, stages: [{ bandwidth, magnitude: 0, share: 1 }] },
      eval: { batch },
      engine: { autocast },
    },
  });
  const plan = buildPlan(config, 100 * batch, (side) => modelEntry(model).macs(side));
  const setup = trainingSetup(config, CLASSES, plan.stages);
  const { training } = setup;
  // Evaluation has images of the model's input size.
  const evaluation = setup.task.evaluation(setup.model, { ...viewOf(config), size: bandwidth }, config);
  const measurement = { bandwidth, batch, weights: 'raw' } as const;
  const meter = evaluation.meter(measurement);
  const { executor } = openProgram({
    build: () => ({
      variables: training.stateVariables(),
      signatures: { ...training.signatures(), [meter.signature]: evaluation.signature(measurement) },
    }),
    key: { ...(setup.key as object), bandwidth },
    cacheFolder,
    autocast: setup.autocast,
  });
  if (executor.kind !== 'captured') throw new Error('TensorFlow did not load: op by op is no figure to give');
  executor.write(training.initialState(0));
  const rng = rngOf(1);
  const noise = (side: number): Uint8Array =>
    Uint8Array.from({ length: batch * side * side * 3 }, () => rng.uint32() & 255);
  const labels = Int32Array.from({ length: batch }, () => rng.below(CLASSES));
  const train = { step: 0, images: noise(size), labels, erase: new Int32Array(4 * batch), waitMs: 0 };
  const views = { images: noise(bandwidth), labels };
  const at = (step: number): StepAt => ({ seed: 0, step, bandwidth, lr: 1e-4 });
  const [only] = training.prepare(train, at(0)).calls;
  if (!only) throw new Error('a step without a call');
  return {
    feed: (of) => ({
      ...(of === 'evaluate' ? { signature: meter.signature, inputs: meter.inputs(views, 0) } : only),
      state: Object.fromEntries(training.initialState(0)),
    }),
    step: () => {
      const { loss } = runStep(executor, training, train, at(train.step));
      if (!Number.isFinite(loss)) throw new Error(`the loss is ${loss}`);
      train.step++;
    },
    evaluate: () => void executor.run(meter.signature, meter.inputs(views, 0)),
  };
}

function timed(act: () => void): number {
  const begun = performance.now();
  act();
  return performance.now() - begun;
}

/** @param text the case as JSON */
export async function main([text = '']: string[]): Promise<void> {
  const { step, evaluate } = prepare(
    JSON.parse(text) as StepCase,
    mkdtempSync(join(tmpdir(), 'efficienttrain-bench-')),
  );
  for await (const line of createInterface({ input: process.stdin })) {
    const { steps, evaluations = 0 } = JSON.parse(line) as { steps?: number; evaluations?: number };
    const ms = Array.from({ length: steps ?? evaluations }, () => timed(steps === undefined ? evaluate : step));
    process.stdout.write(`${JSON.stringify({ ms })}\n`);
  }
}
