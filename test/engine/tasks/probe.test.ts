/**
 * A linear probe trains only its head: the encoder keeps its bits, captured and eager steps agree, and twenty steps
 * equal PyTorch's (test/golden/probe/probe.py).
 */
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
import golden from '../../golden/probe/probe.json';
import { expectClose, relativeDistance } from '../../golden/models/expect-close';
import { images, labels, weight } from '../../golden/models/formula';
import { fromTimm, toTimm } from '../../../src/main/engine/weights/layout';
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
    expect(
      Object.keys(setup.training.stateVariables()).filter((name) => /^blocks.*\/(m|v|momentum)$/.test(name)),
    ).toEqual([]);
  });

  it('is captured as it is eager', () => {
    const eager = train(new EagerExecutor(setup.program(), loaded), setup);
    losses.forEach((loss, step) => expect(loss / eager[step]!, `step ${step}`).toBeCloseTo(1, 5));
    expect(new Set(losses).size).toBe(STEPS);
  });

  it('goes the steps of PyTorch: losses, running statistics, weights and predictions', () => {
    const { model, training, evaluation } = setup;
    const first = { ...Object.fromEntries(training.initialState(1)) };
    for (const spec of model.params) {
      const isStatistic = spec.name.startsWith('head.0.');
      first[spec.name] = isStatistic ? spec.init(0) : fromTimm(spec, weight(spec, {}));
    }
    executor.write(new Map(Object.entries(first)));
    executor.write(training.scratchState());
    const batchAt = (step: number): TrainBatch => ({
      ...{ step, waitMs: 0, erase: new Int32Array(4 * BATCH) },
      ...{ images: images(`probe/${step}`, BATCH, SIZE), labels: labels(step, BATCH, 5) },
    });
    const own = golden.lrs.map(
      (lr, step) => runStep(executor, training, batchAt(step), { seed: 3, step, bandwidth: SIZE, lr }).loss,
    );
    expectClose(own, golden.losses, 1e-3, 'losses');
    const state = executor.read(Object.keys(golden.state));
    for (const [name, expected] of Object.entries(golden.state)) {
      const spec = model.params.find((param) => param.name === name)!;
      expect(relativeDistance(toTimm(spec, state[name] as Float32Array), expected), name).toBeLessThan(1e-4);
    }
    const meter = evaluation.meter({ bandwidth: SIZE, batch: BATCH, weights: 'raw' });
    const outputs = executor.run(meter.signature, meter.inputs(batchAt(99) as never, 0));
    expect(relativeDistance(outputs['logits'] as Float32Array, golden.logits)).toBeLessThan(1e-4);
  });
});
