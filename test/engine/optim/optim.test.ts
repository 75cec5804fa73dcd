/** Optimizers, layer decay, clipping and EMA agree with PyTorch and timm: in place (captured) and composed (eager). */
import { describe, expect, it, vi } from 'vitest';
import { EagerExecutor } from '../../../src/main/engine/capture/eager';
import { openProgram } from '../../../src/main/engine/capture/open';
import { expectOptimizer, OPTIM_CASES, optimProgram } from '../../golden/optim/optim-program';
import { engineMissing, loaded } from '../../support/engine';
import { temporaryFolder } from '../../golden/models/temporary-folder';

/** TensorFlow's Adam and our own compute 1 - beta2 in float32, with a relative error of 5e-5 at 0.999. */
const IN_PLACE = 5e-6;
const COMPOSED = 1e-6;

describe.each(OPTIM_CASES)('$id', (example) => {
  it.skipIf(engineMissing).each(['on', 'off'])('in place, our own ops %s', (kernels) => {
    vi.stubEnv('EFFICIENTTRAIN_KERNELS', kernels);
    const { executor } = openProgram({
      build: () => optimProgram(example),
      key: example.id,
      cacheFolder: temporaryFolder(),
    });
    expect(executor.kind).toBe('captured');
    expectOptimizer(executor, example, IN_PLACE);
    executor.dispose();
    vi.unstubAllEnvs();
  });

  it('composed', () => {
    const executor = new EagerExecutor(optimProgram(example), loaded);
    const before = loaded.tf.memory().numTensors;
    expectOptimizer(executor, example, COMPOSED);
    expect(loaded.tf.memory().numTensors).toBe(before);
    executor.dispose();
  });
});
