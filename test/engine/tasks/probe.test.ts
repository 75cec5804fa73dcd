/** A linear probe trains its head alone: the encoder keeps its bits, captured as eager. */
import { describe, expect, it } from 'vitest';
import { EagerExecutor } from '../../../src/main/engine/capture/eager';
import { openProgram } from '../../../src/main/engine/capture/open';
import { modelEntry } from '../../../src/main/engine/models';
import { runStep } from '../../../src/main/engine/train/run-step';
import { trainingSetup, type RunSetup } from '../../../src/main/engine/train/setup';
import type { Executor, TrainBatch } from '../../../src/main/engine/types';
import { buildPlan } from '../../../src/shared/curriculum/plan';
import { rngOf } from '../../../src/shared/random';
import { resolveConfig } from '../../../src/shared/run-config-resolve';
import { engineMissing, loaded } from '../../support/engine';
import { temporary } from '../../support/training';

const [BATCH, SIZE, STEPS] = [8, 32, 3];

function setupOf(): RunSetup {
  const model = modelEntry('deit_micro');
  const flags = { task: 'probe', size: SIZE, 'data.batch': BATCH, 'eval.batch': BATCH };
  const { config } = resolveConfig({ dataset: 'd', model, flags, preset: 'constant' });
  return trainingSetup(config, 5, buildPlan(config, 1000, (side) => model.macs(side)).stages);
}

function batchOf(step: number): TrainBatch {
  const rng = rngOf(5, step);
  return {
    ...{ step, waitMs: 0, erase: new Int32Array(4 * BATCH) },
    images: Uint8Array.from({ length: BATCH * SIZE * SIZE * 3 }, () => rng.below(256)),
    labels: Int32Array.from({ length: BATCH }, () => rng.below(5)),
  };
}

function train(executor: Executor, { training }: RunSetup): number[] {
  executor.write(training.initialState(1));
  executor.write(training.scratchState());
  return Array.from(
    { length: STEPS },
    (_, step) => runStep(executor, training, batchOf(step), { seed: 3, step, bandwidth: SIZE, lr: 1 }).loss,
  );
}

describe.skipIf(engineMissing)('a linear probe', () => {
  const setup = setupOf();
  const { executor } = openProgram({ build: setup.program, key: setup.key, cacheFolder: temporary('probe') });
  const losses = train(executor, setup);

  it('changes no bit of the encoder, and all of the head', () => {
    const state = Object.fromEntries(setup.training.initialState(1));
    const after = executor.read(setup.model.params.map(({ name }) => name));
    for (const { name } of setup.model.params) {
      const isHead = name.startsWith('head.');
      const same = Buffer.from(after[name]!.buffer, after[name]!.byteOffset, after[name]!.byteLength).equals(
        Buffer.from(state[name]!.buffer, state[name]!.byteOffset, state[name]!.byteLength),
      );
      expect(same, name).toBe(!isHead);
    }
    expect(setup.model.params.some(({ name }) => !name.startsWith('head.'))).toBe(true);
    expect(Object.keys(setup.training.stateVariables()).filter((name) => /^blocks.*\/(m|v|momentum)$/.test(name))).toEqual([]);
  });

  it('is captured as it is eager', () => {
    const eager = train(new EagerExecutor(setup.program(), loaded), setup);
    losses.forEach((loss, step) => expect(loss / eager[step]!, `step ${step}`).toBeCloseTo(1, 5));
    expect(new Set(losses).size).toBe(STEPS);
  });
});
