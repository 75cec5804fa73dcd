/**
 * The op that prepares a batch in one pass agrees with the same ops of tfjs, including noise, which TensorFlow's own op
 * draws.
 */
import { afterEach, it, vi } from 'vitest';
import { type ClassifyOptions } from '../../support/classify';
import { prepared, type PreparedTensors } from '../../../src/main/engine/tasks/prepare';
import { EagerExecutor } from '../../../src/main/engine/capture/eager';
import { openProgram } from '../../../src/main/engine/capture/open';
import { modelEntry } from '../../../src/main/engine/models';
import { adamW } from '../../../src/main/engine/optim/adamw';
import type { Program } from '../../../src/main/engine/types';
import { rngOf } from '../../../src/shared/random';
import { expectClose } from '../../golden/models/expect-close';
import { temporaryFolder } from '../../golden/models/temporary-folder';
import { engineMissing, loaded } from '../../support/engine';

const SIZE = 32;

function optionsOf(remode: 'pixel' | 'const'): ClassifyOptions {
  const model = modelEntry('resnet_micro').create({ num_classes: 3, img_size: SIZE, drop_path_rate: 0, drop_rate: 0 });
  const optimizer = adamW({ betas: [0.9, 0.999], eps: 1e-8, weight_decay: 0 });
  return {
    ...{
      model,
      optimizer,
      clipGradNorm: null,
      ema: false,
      labelSmoothing: 0,
      lowFrequencyMode: 'crop',
      size: SIZE,
      remode,
    },
    ...{ mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225], train: [], evaluate: [] },
  };
}

const program = (remode: 'pixel' | 'const', batch: number, side: number): Program => ({
  variables: {},
  signatures: {
    run: {
      inputs: {
        images: { shape: [batch, SIZE, SIZE, 3], dtype: 'uint8' },
        mix: { shape: [side, side], dtype: 'float32' },
        erase: { shape: [batch, 4], dtype: 'int32' },
        noise_seed: { shape: [2], dtype: 'int32' },
      },
      body: (context, inputs) => ({ x: prepared(context, optionsOf(remode), side, inputs as PreparedTensors) }),
    },
  },
});

afterEach(() => {
  vi.unstubAllEnvs();
});

it.skipIf(engineMissing).each([
  ['pixel', 4, 32],
  ['pixel', 5, 24],
  ['const', 3, 32],
  ['pixel', 1, 32],
] as const)('remode %s, %i images, %i px', (remode, batch, side) => {
  const rng = rngOf(11, batch, side);
  const inputs = {
    images: Uint8Array.from({ length: batch * SIZE * SIZE * 3 }, () => rng.below(256)),
    mix: Float32Array.from({ length: side * side }, (_, index) => (index % 7 < 3 ? 0 : 0.3 + (index % 5) / 8)),
    // The boxes are: none, one in the middle, one at the image's end, the whole image, and one row.
    erase: Int32Array.from(
      [0, 0, 0, 0, 3, 5, 7, 11, side - 4, side - 6, 4, 6, 0, 0, side, side, 2, 0, 1, side].slice(0, 4 * batch),
    ),
    noise_seed: Int32Array.of(-5, 123_456_789),
  };
  const { executor } = openProgram({
    build: () => program(remode, batch, side),
    key: 0,
    cacheFolder: temporaryFolder(),
  });
  const eager = new EagerExecutor(program(remode, batch, side), loaded);
  const [ours, reference] = [executor.run('run', inputs)['x']!, eager.run('run', inputs)['x']!];
  executor.dispose();
  eager.dispose();
  expectClose(ours, reference, 2e-5, 'x');
});
