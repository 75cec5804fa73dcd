/**
 * The micro models work on tfjs's own CPU backend, which trains without libtensorflow: logits and one training step
 * agree with PyTorch.
 */
import { describe, expect, it } from 'vitest';
import { classifyProgram, evalSignature, initialState, trainSignature } from '../../support/classify';
import { goldenOf, microCases } from '../../golden/models/all-cases';
import {
  createModel,
  evalInputs,
  GRADIENT_RUN,
  programOptions,
  trainInputs,
  weightsOf,
} from '../../golden/models/cases';
import { expectClose, expectRelative } from '../../golden/models/expect-close';

process.env['EFFICIENTTRAIN_ENGINE'] = 'tfjs-cpu';
const { loadBackend } = await import('../../../src/main/engine/backend/load');
const { EagerExecutor } = await import('../../../src/main/engine/capture/eager');

describe.each(microCases)("$id on tfjs's CPU backend", { timeout: 300_000 }, (example) => {
  it('logits, loss, gradient norms and running statistics', () => {
    const loaded = loadBackend();
    expect(loaded.tf.getBackend()).toBe('cpu');
    const model = createModel(example);
    const options = programOptions(example, model, GRADIENT_RUN);
    const executor = new EagerExecutor(classifyProgram(options), loaded);
    executor.write(initialState(options, 0, weightsOf(example, model)));
    const expected = goldenOf(example.id);
    const { bandwidth } = example.stages[0]!;
    const { logits } = executor.run(evalSignature(bandwidth, example.batch, 'raw'), evalInputs(example, bandwidth));
    expectClose(logits!, expected.forward[bandwidth]!, 1e-4, 'logits');
    const before = loaded.tf.memory().numTensors;
    const { loss } = executor.run(
      trainSignature(bandwidth, example.batch),
      trainInputs(example, model, GRADIENT_RUN, expected.gradients.step, bandwidth, 0),
    );
    expect(loaded.tf.memory().numTensors, 'tensors left behind').toBe(before);
    expectRelative(loss!, [expected.gradients.loss], 1e-5, 'loss');
    const state = executor.read();
    const norm = (values: ArrayLike<number>): number =>
      Math.sqrt(Array.from(values).reduce((sum, value) => sum + value * value, 0));
    for (const { name, trainable } of model.params) {
      const wanted = (trainable ? expected.gradients.parameters : expected.gradients.buffers)[name]!.norm;
      expectClose([norm(state[trainable ? `${name}/momentum` : name]!)], [wanted], 1e-3 * wanted + 1e-6, name);
    }
  });
});
