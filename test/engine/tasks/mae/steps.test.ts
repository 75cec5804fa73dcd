/** A step of pre-training is the same captured and eager, in two parts and at once, and as the preflight makes it. */
import { describe, expect, it } from 'vitest';
import { EagerExecutor } from '../../../../src/main/engine/capture/eager';
import { openProgram } from '../../../../src/main/engine/capture/open';
import { runStep } from '../../../../src/main/engine/train/run-step';
import { trainingSetup, type RunSetup } from '../../../../src/main/engine/train/setup';
import type { StepResult } from '../../../../src/main/engine/tasks/training-program';
import type { Executor, TrainBatch } from '../../../../src/main/engine/types';
import { modelEntry } from '../../../../src/main/engine/models';
import { measureStages } from '../../../../src/main/services/preflight/dry-run';
import { estimateMemory, memoryByBatch } from '../../../../src/main/services/preflight/memory-estimate';
import { buildPlan, type Plan } from '../../../../src/shared/curriculum/plan';
import { runConfigSchema, type RunConfig } from '../../../../src/shared/run-config';
import { rngOf } from '../../../../src/shared/random';
import { temporaryFolder } from '../../../golden/models/temporary-folder';
import { engineMissing, loaded } from '../../../support/engine';

const BATCH = 4;
const SIZE = 32;
const MODEL = 'mae_vit_micro_patch4';

function configOf(parts = 1, target: 'pixels' | 'hog' = 'pixels'): RunConfig {
  return runConfigSchema.parse({
    ...{ dataset: 'd', model: MODEL, task: 'mae', mae: { target }, size: SIZE, data: { batch: BATCH } },
    schedule: { stages: [16, SIZE].map((bandwidth) => ({ bandwidth, magnitude: 0, share: 0.5 })) },
    optimizer: { grad_accum_steps: parts },
    eval: { batch: BATCH },
  });
}

const planOf = (config: RunConfig): Plan => buildPlan(config, 64, modelEntry(MODEL).macs);
const setupOf = (config: RunConfig): RunSetup => trainingSetup(config, 0, planOf(config).stages);

function batchOf(step: number): TrainBatch {
  const rng = rngOf(7, step);
  return {
    ...{ step, labels: new Int32Array(BATCH).fill(-1), erase: new Int32Array(BATCH * 4), waitMs: 0 },
    images: Uint8Array.from({ length: BATCH * SIZE * SIZE * 3 }, () => rng.below(256)),
  };
}

/** Makes a step at the small size, and one at the final size. */
function train({ training }: RunSetup, executor: Executor): StepResult[] {
  executor.write(training.initialState(1));
  executor.write(training.scratchState());
  return [16, SIZE].map((bandwidth, step) =>
    runStep(executor, training, batchOf(step), { seed: 3, step, bandwidth, lr: 1e-3 }),
  );
}

function captured(config: RunConfig): StepResult[] {
  const setup = setupOf(config);
  const { executor } = openProgram({ build: setup.program, key: setup.key, cacheFolder: temporaryFolder() });
  expect(executor.kind).toBe('captured');
  const results = train(setup, executor);
  executor.dispose();
  return results;
}

function close(actual: StepResult[], expected: StepResult[], tolerance: number): void {
  for (const key of ['loss', 'gradNorm'] as const)
    actual.forEach((result, step) =>
      expect(
        Math.abs(result[key] - expected[step]![key]) / expected[step]![key],
        `${key} of step ${step}`,
      ).toBeLessThan(tolerance),
    );
}

describe.skipIf(engineMissing)('a step of a masked autoencoder', { timeout: 120_000 }, () => {
  it.each(['pixels', 'hog'] as const)('is captured as it is computed eagerly, with target %s', (target) => {
    const setup = setupOf(configOf(1, target));
    close(captured(configOf(1, target)), train(setup, new EagerExecutor(setup.program(), loaded)), 1e-5);
  });

  it('is the same in two parts as at once', () => {
    close(captured(configOf(2)), captured(configOf(1)), 1e-5);
  });

  it('is measured and estimated before a run starts', async () => {
    const config = configOf();
    const plan = planOf(config);
    const options = { home: temporaryFolder(), config, classes: 0, plan, onStage: () => undefined };
    const measured = await measureStages(options);
    expect(measured.map(({ bandwidth, batch }) => [bandwidth, batch])).toEqual([
      [16, BATCH],
      [SIZE, BATCH],
    ]);
    expect(measured.every(({ step_seconds: seconds }) => seconds > 0)).toBe(true);
    const bytes = estimateMemory(config, 0, plan).map((stage) => stage.bytes);
    expect(bytes[1]).toBeGreaterThan(bytes[0]!);
    for (const kind of ['train', 'evaluate'] as const)
      expect(memoryByBatch(config, 0, kind, SIZE)).toMatchObject({ perImage: expect.any(Number) as number });
  });
});
