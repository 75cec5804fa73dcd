/**
 * Learning from a teacher: the losses and gradients agree with PyTorch (test/golden/distillation/make.py), and the
 * teacher is part of a step.
 */
import { describe, expect, it } from 'vitest';
import { EagerExecutor } from '../../../src/main/engine/capture/eager';
import { openProgram } from '../../../src/main/engine/capture/open';
import { modelEntry } from '../../../src/main/engine/models';
import { distillationLoss, teacherTargets } from '../../../src/main/engine/tasks/distillation/loss';
import { teacherName } from '../../../src/main/engine/tasks/distillation/teacher';
import { scaledMask, scaledRectangles } from '../../../src/main/engine/tasks/distillation/teacher-view';
import { gradientsOf } from '../../../src/main/engine/tasks/training-program';
import { runStep } from '../../../src/main/engine/train/run-step';
import { trainingSetup, type RunSetup } from '../../../src/main/engine/train/setup';
import type { ParamSpec, Program, Tensor, TrainBatch } from '../../../src/main/engine/types';
import { buildPlan, withTeacherFlops } from '../../../src/shared/curriculum/plan';
import { rngOf } from '../../../src/shared/random';
import { resolveConfig } from '../../../src/shared/run-config-resolve';
import golden from '../../golden/distillation/losses.json';
import { expectClose } from '../../golden/models/expect-close';
import { engineMissing, loaded } from '../../support/engine';
import { temporary } from '../../support/training';

type Case = (typeof golden.cases)[number];

const shape = golden.shape as [number, number];
const spec: ParamSpec = {
  ...{ name: 'student', shape, timmShape: shape, layout: 'same', trainable: true, decay: false },
  init: () => Float32Array.from(golden.student),
};

const lossProgram = ({ kind, alpha, temperature }: Case): Program => ({
  variables: { student: { shape, dtype: 'float32' } },
  signatures: {
    run: {
      inputs: { teacher: { shape, dtype: 'float32' }, labels: { shape, dtype: 'float32' } },
      body: (context, { teacher, labels }) => {
        const options = { kind: kind as 'soft' | 'hard', alpha, temperature };
        const taught = teacherTargets(context, teacher as Tensor, options);
        const { loss, gradients } = gradientsOf(context, [spec], () =>
          distillationLoss(
            context,
            context.variable('student') as unknown as Tensor,
            labels as Tensor,
            taught,
            options,
          ),
        );
        return { loss, gradient: gradients.get('student') as Tensor };
      },
    },
  },
});

describe.skipIf(engineMissing)('the loss of learning from a teacher', () => {
  it.each(golden.cases)(
    '$kind, alpha $alpha, temperature $temperature: is that of PyTorch, with its gradient',
    (example) => {
      const inputs = { teacher: Float32Array.from(golden.teacher), labels: Float32Array.from(golden.labels) };
      const { executor } = openProgram({
        build: () => lossProgram(example),
        key: example,
        cacheFolder: temporary('loss'),
      });
      for (const each of [executor, new EagerExecutor(lossProgram(example), loaded)]) {
        each.write([['student', Float32Array.from(golden.student)]]);
        const { loss, gradient } = each.run('run', inputs);
        expect(loss?.[0]).toBeCloseTo(example.loss, 4);
        expectClose(gradient as Float32Array, example.gradient, 2e-6, 'gradient');
        each.dispose();
      }
    },
  );
});

describe("the teacher's view", () => {
  it('has the same parts pasted and erased at another size', () => {
    const mask = Float32Array.of(1, 1, 1, 0);
    expect(Array.from(scaledMask(mask, 2, 4))).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 0, 0]);
    const drawn = Float32Array.from({ length: 49 }, (_, index) => index);
    expect(scaledMask(drawn, 7, 7)).toEqual(drawn);
    expect(Array.from(scaledMask(drawn, 7, 3))).toEqual([8, 10, 12, 22, 24, 26, 36, 38, 40]);
    const rectangles = Int32Array.of(0, 0, 0, 0, 2, 4, 6, 12, 15, 0, 1, 16);
    expect(scaledRectangles(rectangles, 16, 16)).toEqual(rectangles);
    expect(Array.from(scaledRectangles(rectangles, 16, 24))).toEqual([0, 0, 0, 0, 3, 6, 9, 18, 23, 0, 1, 24]);
  });
});

const [BATCH, SIZE, CLASSES] = [4, 32, 5];

/** @param own fields of distillation */
function setupOf(own: Record<string, unknown> | null, more: Record<string, unknown> = {}): RunSetup {
  const model = modelEntry('deit_micro');
  const teacher = { teacher: 'run:t@1', model: 'deit_micro', size: SIZE, mean: model.mean, std: model.std, ...own };
  const taught = Object.fromEntries(Object.entries(teacher).map(([name, value]) => [`distillation.${name}`, value]));
  const flags = { size: SIZE, 'data.batch': BATCH, 'eval.batch': BATCH, 'model_args.drop_path_rate': 0, ...more };
  const { config } = resolveConfig({
    dataset: 'd',
    model,
    flags: { ...flags, ...(own && taught) },
    preset: 'constant',
  });
  return trainingSetup(config, CLASSES, buildPlan(config, 1000, (side) => model.macs(side)).stages);
}

function batchOf(step: number): TrainBatch {
  const rng = rngOf(5, step);
  return {
    ...{ step, waitMs: 0, erase: Int32Array.from([0, 0, 0, 0, 3, 5, 7, 11, 20, 20, 12, 12, 0, 0, 0, 0]) },
    images: Uint8Array.from({ length: BATCH * SIZE * SIZE * 3 }, () => rng.below(256)),
    labels: Int32Array.from({ length: BATCH }, () => rng.below(CLASSES)),
  };
}

/** Makes two steps with a teacher whose weights come from a seed. */
function steps(setup: RunSetup, taughtBy: number | null, size = SIZE) {
  const { training } = setup;
  const { executor } = openProgram({ build: setup.program, key: setup.key, cacheFolder: temporary('distillation') });
  executor.write(training.initialState(1));
  executor.write(training.scratchState());
  const network = modelEntry('deit_micro').create({
    num_classes: CLASSES,
    img_size: size,
    drop_path_rate: 0,
    drop_rate: 0,
  });
  const teacher = network.params.map(({ name, init }): [string, Float32Array] => [
    teacherName(name),
    init(taughtBy ?? 0),
  ]);
  if (taughtBy !== null) executor.write(teacher);
  const results = [0, 1].map((step) =>
    runStep(executor, training, batchOf(step), { seed: 3, step, bandwidth: SIZE, lr: 0.01 }),
  );
  const after = taughtBy === null ? {} : executor.read(teacher.map(([name]) => name));
  executor.dispose();
  return { results, unchanged: teacher.every(([name, value]) => after[name]?.every((each, at) => each === value[at])) };
}

describe.skipIf(engineMissing)('a step with a teacher', () => {
  const alone = { alpha: 1, temperature: 1 };

  it('costs nothing where the student is its teacher: both see the same erased and mixed images', () => {
    const { results, unchanged } = steps(setupOf(alone), 1);
    expect(results[0]?.loss).toBeCloseTo(0, 5);
    expect(results[0]?.gradNorm).toBeLessThan(1e-4);
    expect(unchanged).toBe(true);
  });

  it('moves the student, in parts as whole, and changes no bit of the teacher', () => {
    const whole = steps(setupOf(alone), 2);
    const parts = steps(setupOf(alone, { 'optimizer.grad_accum_steps': 2, 'data.reprob': 0 }), 2);
    expect(whole.results[0]?.gradNorm).toBeGreaterThan(1e-3);
    expect(whole.unchanged && parts.unchanged).toBe(true);
    expect(Object.keys(setupOf(alone).training.stateVariables()).filter((name) => name.startsWith('teacher/'))).toEqual(
      [],
    );
  });

  it('is the step without one where the teacher has no weight', () => {
    const [taught, plain] = [steps(setupOf({ alpha: 0 }), 2), steps(setupOf(null), null)];
    taught.results.forEach(({ loss }, step) => expect(loss).toBeCloseTo(plain.results[step]?.loss as number, 5));
    expect(setupOf(null).key).not.toHaveProperty('own.teacher');
  });

  it('takes a teacher of a smaller size than the student sees', () => {
    const { results } = steps(setupOf({ kind: 'hard', size: 16 }), 2, 16);
    expect(results.every(({ loss }) => Number.isFinite(loss))).toBe(true);
  });
});

describe('a plan with a teacher', () => {
  it('counts its forward pass of each image, and tells it apart', () => {
    const { config } = resolveConfig({ dataset: 'd', model: modelEntry('deit_micro'), flags: { 'data.batch': 8 } });
    const plain = buildPlan(config, 1000, () => 7);
    const { totals, stages } = withTeacherFlops(plain, 11);
    expect(totals).toEqual({
      ...plain.totals,
      flops: plain.totals.flops + 22 * totals.images,
      teacher_flops: 22 * totals.images,
    });
    expect(stages).toEqual(plain.stages);
  });
});
