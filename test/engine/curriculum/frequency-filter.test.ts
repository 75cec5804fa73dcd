/** The filters on the device agree with numpy's FFT, captured and eager, and in the step that prepares a batch. */
import { describe, expect, it } from 'vitest';
import { EagerExecutor } from '../../../src/main/engine/capture/eager';
import { openProgram } from '../../../src/main/engine/capture/open';
import { frequencyFilter } from '../../../src/main/engine/curriculum/frequency-filter';
import { prepared, type PreparedTensors } from '../../../src/main/engine/tasks/prepare';
import type { Context, Executor, Program, Tensor } from '../../../src/main/engine/types';
import { filtered } from '../../../src/shared/curriculum/frequency-filter';
import { lowFrequencyCrop } from '../../../src/shared/curriculum/low-frequency';
import type { FrequencyFilter } from '../../../src/shared/run-config';
import { expectClose } from '../../golden/models/expect-close';
import { temporaryFolder } from '../../golden/models/temporary-folder';
import golden from '../../golden/low-frequency/low-frequency.json';
import { engineMissing, loaded } from '../../support/engine';

interface Case {
  height: number;
  width: number;
  channels: number;
  radius: number;
  at: number[];
  output: number[];
}

const CASES = (['low_pass', 'high_pass'] as const).flatMap((kind) =>
  (golden[kind] as Case[]).map((example): Case & { kind: FrequencyFilter['kind'] } => ({ kind, ...example })),
);

/** The image of low-frequency.py's formula is in row 1 of the batch; row 0 is constant. */
function imagesOf({ height, width, channels }: Case): Float32Array {
  const count = height * width * channels;
  const images = new Float32Array(2 * count).fill(0.25);
  for (let i = 0; i < count; i++) images[count + i] = ((i * 7919 + i * i * 31) % 256) / 255;
  return images;
}

const program = ({ height, width, channels }: Case, filter: FrequencyFilter): Program => ({
  variables: {},
  signatures: {
    run: {
      inputs: { images: { shape: [2, height, width, channels], dtype: 'float32' } },
      body: (context: Context, { images }) => ({ y: frequencyFilter(context, images as Tensor, filter) }),
    },
  },
});

function check(executor: Executor, example: (typeof CASES)[number]): void {
  const { height, width, channels, kind, at, output } = example;
  const count = height * width * channels;
  const y = executor.run('run', { images: imagesOf(example) })['y'] as Float32Array;
  expect(y.length).toBe(2 * count);
  expectClose(
    at.map((index) => y[count + index] as number),
    output,
    1e-5,
    "against numpy's FFT",
  );
  expectClose(
    y.slice(0, count),
    new Float32Array(count).fill(kind === 'low_pass' ? 0.25 : 0),
    1e-6,
    'a constant image',
  );
}

describe.each(CASES)('$kind $radius of $height x $width x $channels', (example) => {
  const { kind, radius } = example;
  it.skipIf(engineMissing)('captured', () => {
    const { executor } = openProgram({
      ...{ build: () => program(example, { kind, radius }), key: [kind, radius], cacheFolder: temporaryFolder() },
    });
    check(executor, example);
    executor.dispose();
  });
  it('eager', () => check(new EagerExecutor(program(example, { kind, radius }), loaded), example));
});

describe.each([
  ['low_pass', 5, 32],
  ['low_pass', 5, 24],
  ['high_pass', 3, 24],
] as const)('a batch that is prepared with %s %i at %i px', (kind, radius, side) => {
  const [size, filter] = [32, { kind, radius }];
  const [mean, std] = [
    [0.4, 0.5, 0.6],
    [0.2, 0.3, 0.25],
  ] as const;
  const batchProgram: Program = {
    variables: {},
    signatures: {
      run: {
        inputs: {
          images: { shape: [2, size, size, 3], dtype: 'uint8' },
          mix: { shape: [side, side], dtype: 'float32' },
          erase: { shape: [2, 4], dtype: 'int32' },
          noise_seed: { shape: [2], dtype: 'int32' },
        },
        body: (context, inputs) => ({
          x: prepared(
            context,
            { size, lowFrequencyMode: 'crop', mean, std, remode: 'const', filter },
            side,
            inputs as PreparedTensors,
          ),
        }),
      },
    },
  };
  const images = Uint8Array.from({ length: 2 * size * size * 3 }, (_, i) => (i * 7919 + i * i * 31) % 256);
  const inputs = {
    images,
    mix: new Float32Array(side * side).fill(1),
    erase: new Int32Array(8),
    noise_seed: Int32Array.of(1, 2),
  };
  /** Filters and crops on the host, as the batch's preview does. */
  const onHost = (): Float32Array => {
    const made = [0, 1].flatMap((row) => {
      const own = images.subarray(row * size * size * 3, (row + 1) * size * size * 3);
      const data = Float32Array.from(own, (value) => value / 255);
      return [...lowFrequencyCrop(filtered({ data, height: size, width: size, channels: 3 }, filter), side).data];
    });
    return Float32Array.from(made, (value, at) => (value - (mean[at % 3] as number)) / (std[at % 3] as number));
  };
  it.skipIf(engineMissing)('captured', () => {
    const { executor } = openProgram({
      build: () => batchProgram,
      key: [kind, radius, side],
      cacheFolder: temporaryFolder(),
    });
    expectClose(executor.run('run', inputs)['x']!, onHost(), 5e-5, 'x');
    executor.dispose();
  });
  it('eager', () => expectClose(new EagerExecutor(batchProgram, loaded).run('run', inputs)['x']!, onHost(), 5e-5, 'x'));
});
