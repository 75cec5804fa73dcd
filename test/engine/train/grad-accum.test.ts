/**
 * A batch in parts is the same as the batch at once: the same loss, the same gradient, and the same parameters after
 * several steps.
 */
import { describe, expect, it } from 'vitest';
import {
  accumulateSignature,
  classifyProgram,
  initialState,
  scratchState,
  trainingOf,
  trainSignature,
  type ClassifyOptions,
} from '../../support/classify';
import { openProgram } from '../../../src/main/engine/capture/open';
import { EagerExecutor } from '../../../src/main/engine/capture/eager';
import { modelEntry } from '../../../src/main/engine/models';
import { adamW } from '../../../src/main/engine/optim/adamw';
import type { StepAt, StepResult } from '../../../src/main/engine/tasks/training-program';
import { runStep } from '../../../src/main/engine/train/run-step';
import type { Executor, MixParams, TrainBatch } from '../../../src/main/engine/types';
import { rngOf } from '../../../src/shared/random';
import { relativeDistance } from '../../golden/models/expect-close';
import { temporary } from '../../support/training';
import { engineMissing, loaded } from '../../support/engine';

const [BATCH, SIZE, BANDWIDTH, STEPS] = [16, 32, 16, 4];
const model = modelEntry('deit_micro').create({ num_classes: 10, img_size: SIZE, drop_path_rate: 0.2, drop_rate: 0.1 });

function options(gradAccumSteps: number): ClassifyOptions {
  return {
    // With a small epsilon, a rounding error in a tiny gradient would decide the sign of a whole step.
    ...{ model, optimizer: adamW({ betas: [0.9, 0.999], eps: 1e-2, weight_decay: 0.05 }), clipGradNorm: 1, ema: true },
    ...{ labelSmoothing: 0.1, lowFrequencyMode: 'crop', size: SIZE, remode: 'const' },
    ...{ mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25], gradAccumSteps, evaluate: [] },
    train: [{ bandwidth: BANDWIDTH, batch: BATCH / gradAccumSteps }],
  };
}

function batchOf(step: number): TrainBatch {
  const rng = rngOf(7, step);
  return {
    ...{ step, waitMs: 0 },
    images: Uint8Array.from({ length: BATCH * SIZE * SIZE * 3 }, () => rng.below(256)),
    labels: Int32Array.from({ length: BATCH }, () => rng.below(10)),
    erase: Int32Array.from({ length: BATCH * 4 }, (_, index) => [2, 3, 5, 6][index % 4]! * Number(index % 8 < 4)),
  };
}

const cutmix: MixParams = {
  // With this kind, the share of right images is recorded.
  ...{ kind: 'none', lam: 0.7 },
  mask: Float32Array.from({ length: BANDWIDTH ** 2 }, (_, index) => Number(index >= 77)),
};

const at = (step: number): StepAt => ({ seed: 3, step, bandwidth: BANDWIDTH, lr: 1e-2 });

function train(executor: Executor, gradAccumSteps: number): StepResult[] {
  executor.write(initialState(options(gradAccumSteps), 1));
  executor.write(scratchState(options(gradAccumSteps)));
  return Array.from({ length: STEPS }, (_, step) =>
    runStep(executor, trainingOf(options(gradAccumSteps), cutmix), batchOf(step), at(step)),
  );
}

const open = (parts: number): Executor =>
  openProgram({ build: () => classifyProgram(options(parts)), key: parts, cacheFolder: temporary('grad-accum') })
    .executor;

const stateNames = Object.keys(trainingOf(options(1)).stateVariables());

describe.skipIf(engineMissing)('gradients accumulated', () => {
  const whole = engineMissing ? null : open(1);
  const expected = whole ? train(whole, 1) : [];

  it.each([2, 4, 8])('over %i parts give the step of the whole batch', (parts) => {
    const executor = open(parts);
    const found = train(executor, parts);
    found.forEach(({ loss, gradNorm, values }, step) => {
      expect(loss / expected[step]!.loss, `loss of step ${step}`).toBeCloseTo(1, 5);
      expect(gradNorm / expected[step]!.gradNorm, `gradient norm of step ${step}`).toBeCloseTo(1, 4);
      expect(values['train/top1']).toBe(expected[step]!.values['train/top1']);
    });
    expect(found[0]!.loss).not.toBe(found[STEPS - 1]!.loss);
    const [ours, theirs] = [executor.read(stateNames), whole!.read(stateNames)];
    for (const name of stateNames)
      expect(relativeDistance(ours[name] as Float32Array, theirs[name] as Float32Array), name).toBeLessThan(1e-4);
  });

  it('start anew with each batch, whatever the last one has left', () => {
    const executor = open(2);
    const once = train(executor, 2);
    const left = Object.fromEntries(scratchState(options(2)));
    for (const sums of Object.values(left)) sums.fill(3);
    executor.write(initialState(options(2), 1));
    executor.write(left);
    const { loss, gradNorm } = runStep(executor, trainingOf(options(2), cutmix), batchOf(0), at(0));
    expect({ loss, gradNorm }).toEqual({ loss: once[0]!.loss, gradNorm: once[0]!.gradNorm });
  });

  it('captured and eager are the same', () => {
    const eager = train(new EagerExecutor(classifyProgram(options(2)), loaded), 2);
    train(open(2), 2).forEach(({ loss }, step) => expect(loss / eager[step]!.loss).toBeCloseTo(1, 5));
  });
});

describe('a batch in parts', () => {
  it('has no part that splits a pair', () => {
    const executor = { run: () => expect.fail('ran') } as unknown as Executor;
    expect(() => runStep(executor, trainingOf(options(16), cutmix), batchOf(0), at(0))).toThrow('no 16 parts of pairs');
  });

  it('needs no inputs of the update before its last part, and sums that are no state', () => {
    const { signatures, variables } = classifyProgram(options(2));
    expect(Object.keys(signatures[accumulateSignature(BANDWIDTH, BATCH / 2)]!.inputs)).toContain('keep_sum');
    expect(Object.keys(signatures[accumulateSignature(BANDWIDTH, BATCH / 2)]!.inputs)).not.toContain('lr');
    expect(Object.keys(variables).sort()).toEqual(
      [...stateNames, ...Array.from(scratchState(options(2)), ([name]) => name)].sort(),
    );
    expect(Object.keys(classifyProgram(options(1)).signatures)).toEqual([trainSignature(BANDWIDTH, BATCH)]);
  });
});
