/**
 * Steps of real networks by each optimizer with layer decay: captured and eager steps agree, and every layer changes.
 */
import { describe, expect, it } from 'vitest';
import { EagerExecutor } from '../../../src/main/engine/capture/eager';
import { openProgram } from '../../../src/main/engine/capture/open';
import { modelEntry } from '../../../src/main/engine/models';
import { createOptimizer } from '../../../src/main/engine/optim';
import { clipGradNorm } from '../../../src/main/engine/optim/clip-grad';
import { slotVariables, type Optimizer } from '../../../src/main/engine/optim/optimizer';
import type { Executor, Model, Program, Tensor, TensorInfo } from '../../../src/main/engine/types';
import { rngOf } from '../../../src/shared/random';
import { optimizerSchema } from '../../../src/shared/run-config';
import { relativeDistance } from '../../golden/models/expect-close';
import { engineMissing, loaded } from '../../support/engine';
import { temporary } from '../../support/training';

const [BATCH, SIZE, STEPS] = [4, 32, 4];
// With a small epsilon, a rounding error in a tiny gradient would decide the sign of a whole step.
const OPTIMIZERS = [
  { lr: 0.05, fields: { name: 'adamw', eps: 1e-2 } },
  { lr: 0.05, fields: { name: 'sgd' } },
  { lr: 0.05, fields: { name: 'lamb', eps: 1e-2 } },
  { lr: 2, fields: { name: 'lars', trust_coefficient: 0.01 } },
];
const scalar: TensorInfo = { shape: [], dtype: 'float32' };

/** Builds a step towards logits of 1, from images [N, SIZE, SIZE, 3]. */
function programOf(model: Model, optimizer: Optimizer): Program {
  const trainable = model.params.filter((param) => param.trainable);
  const all = model.params.map(({ name, shape }): [string, TensorInfo] => [name, { shape, dtype: 'float32' }]);
  return {
    variables: { ...Object.fromEntries(all), ...slotVariables(optimizer, trainable) },
    signatures: {
      step: {
        inputs: {
          x: { shape: [BATCH, SIZE, SIZE, 3], dtype: 'float32' },
          ...{ lr: scalar, correction1: scalar, correction2: scalar },
        },
        body: (context, inputs) => {
          const { tf } = context;
          const { x, ...scalars } = inputs as Record<'x' | 'lr' | 'correction1' | 'correction2', Tensor>;
          const loss = (): Tensor => tf.mean(tf.square(tf.sub(model.forward(context, x, { training: true }), 1)));
          const variables = trainable.map(({ name }) => context.variable(name));
          const { value, grads } = tf.variableGrads(loss as never, variables as never);
          const gradients = new Map(
            trainable.map(({ name }, at) => [name, grads[variables[at]?.name ?? name] as Tensor]),
          );
          const { factor } = clipGradNorm(context, gradients, 1);
          optimizer.update(context, trainable, { gradients, factor, emaDecay: null }, scalars);
          return { loss: value };
        },
      },
    },
  };
}

const networks = ['deit_micro', 'resnet_micro'].map((id) =>
  modelEntry(id).create({ num_classes: 5, img_size: SIZE, drop_path_rate: 0, drop_rate: 0 }),
);

function train(executor: Executor, model: Model, optimizer: Optimizer, lr: number): number[] {
  executor.write({
    ...Object.fromEntries(model.params.map(({ name, init }) => [name, init(1)])),
    ...Object.fromEntries(
      model.params
        .filter(({ trainable }) => trainable)
        .flatMap(({ name, init }) =>
          optimizer.slots.map((slot) => [`${name}/${slot}`, new Float32Array(init(1).length)]),
        ),
    ),
  });
  return Array.from({ length: STEPS }, (_, step) => {
    const rng = rngOf(5, step);
    const out = executor.run('step', {
      x: Float32Array.from({ length: BATCH * SIZE * SIZE * 3 }, () => rng.normal()),
      lr: Float32Array.of(lr),
      correction1: Float32Array.of(1 - 0.9 ** (step + 1)),
      correction2: Float32Array.of(1 - 0.999 ** (step + 1)),
    });
    return out['loss']?.[0] as number;
  });
}

const cases = networks.flatMap((model) =>
  OPTIMIZERS.map((row) => ({ id: model.id, name: row.fields.name, model, ...row })),
);

describe.skipIf(engineMissing).each(cases)('$id by $name', ({ model, fields, lr }) => {
  it('is the same captured and eager, and moves every parameter', () => {
    const optimizer = createOptimizer(optimizerSchema.parse({ ...fields, layer_decay: 0.75 }), model);
    const build = (): Program => programOf(model, optimizer);
    const eager = new EagerExecutor(build(), loaded);
    const { executor } = openProgram({ build, key: [model.id, fields], cacheFolder: temporary('networks') });
    const [expected, found] = [train(eager, model, optimizer, lr), train(executor, model, optimizer, lr)];
    found.forEach((loss, step) => expect(loss / expected[step]!, `loss of step ${step}`).toBeCloseTo(1, 4));
    const [ours, theirs] = [executor.read(), eager.read()];
    for (const { name, trainable, init } of model.params) {
      expect(relativeDistance(ours[name] as Float32Array, theirs[name] as Float32Array), name).toBeLessThan(1e-3);
      if (trainable) expect(ours[name], name).not.toEqual(init(1));
    }
    executor.dispose();
    eager.dispose();
  });
});
