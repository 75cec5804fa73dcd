/**
 * The crop on the device agrees with numpy's FFT, captured and eager. Its gradient is tested, and mode `resize` agrees
 * with the host's.
 */
import { describe, expect, it } from 'vitest';
import { EagerExecutor } from '../../../src/main/engine/capture/eager';
import { openProgram } from '../../../src/main/engine/capture/open';
import { lowFrequencyCrop } from '../../../src/main/engine/curriculum/low-frequency-crop';
import type { Executor, Program, Tensor, TensorInfo } from '../../../src/main/engine/types';
import { lowFrequencyCrop as cropOnHost } from '../../../src/shared/curriculum/low-frequency';
import { expectClose } from '../../golden/models/expect-close';
import { hashed, uniform } from '../../golden/models/formula';
import casesJson from '../../golden/models/low-frequency-crop.json';
import { engineMissing, loaded } from '../../support/engine';
import { temporaryFolder } from '../../golden/models/temporary-folder';

interface CropCase {
  height: number;
  width: number;
  channels: number;
  bandwidth: number;
  at: number[];
  output: number[];
}

const BATCH = 2;
const cases = casesJson as CropCase[];

/** The image is in row 1 of the batch, so that exchanged rows are noticed; row 0 is constant. */
function imagesOf({ height, width, channels }: CropCase): Float32Array {
  const count = height * width * channels;
  const pixels = Float32Array.from(hashed(`crop/${height}x${width}`, count), (value) => (value & 255) / 255);
  const images = new Float32Array(BATCH * count).fill(0.25);
  images.set(pixels, count);
  return images;
}

function cropProgram({ height, width, channels, bandwidth }: CropCase, mode: 'crop' | 'resize'): Program {
  const info = (...shape: number[]): TensorInfo => ({ shape, dtype: 'float32' });
  return {
    variables: {},
    signatures: {
      run: {
        inputs: { images: info(BATCH, height, width, channels), dy: info(BATCH, bandwidth, bandwidth, channels) },
        body: (context, { images, dy }) => {
          const crop = (x: Tensor): Tensor => lowFrequencyCrop(context, x, bandwidth, mode);
          const { value, grad } = context.tf.valueAndGrad(crop)(images!, dy!);
          return { output: value, gradient: grad };
        },
      },
    },
  };
}

function check(executor: Executor, example: CropCase): void {
  const { height, width, channels, bandwidth, at, output } = example;
  const images = imagesOf(example);
  const size = bandwidth * bandwidth * channels;
  const dy = Float32Array.from(uniform('dy', BATCH * size));
  const result = executor.run('run', { images, dy }) as Record<'output' | 'gradient', Float32Array>;
  expectClose(
    at.map((index) => result.output[size + index]!),
    output,
    1e-5,
    "against numpy's FFT",
  );
  expectClose(result.output.slice(0, size), new Float32Array(size).fill(0.25), 1e-6, 'a constant image');
  // The crop is linear, so <crop(x), dy> = <x, gradient>.
  const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, index) => sum + value * b[index]!, 0);
  expect(result.gradient.length).toBe(BATCH * height * width * channels);
  expect(Math.abs(dot(result.output, dy) - dot(images, result.gradient))).toBeLessThan(1e-4 * Math.sqrt(size));
  expect(Math.abs(dot(result.output, dy))).toBeGreaterThan(0);
}

describe.each(cases)('$height x $width x $channels to $bandwidth', (example) => {
  it.skipIf(engineMissing)('captured', () => {
    const { executor } = openProgram({
      build: () => cropProgram(example, 'crop'),
      key: example,
      cacheFolder: temporaryFolder(),
    });
    check(executor, example);
    executor.dispose();
  });

  it('eager', () => check(new EagerExecutor(cropProgram(example, 'crop'), loaded), example));

  it("mode resize is the host's, and not the crop", () => {
    const { height, width, channels, bandwidth } = example;
    const images = imagesOf(example);
    const size = bandwidth * bandwidth * channels;
    const { output } = new EagerExecutor(cropProgram(example, 'resize'), loaded).run('run', {
      images,
      dy: new Float32Array(BATCH * size),
    });
    const host = cropOnHost(
      { data: images.slice(height * width * channels), height, width, channels },
      bandwidth,
      'resize',
    ).data;
    expectClose(output!.slice(size), host, 1e-5, 'resize');
    const cropped = cropOnHost(
      { data: images.slice(height * width * channels), height, width, channels },
      bandwidth,
      'crop',
    ).data;
    // A 1 x 1 crop is the mean, and a resize to one pixel is nearly the mean.
    if (bandwidth > 1)
      expect(Math.max(...host.map((value, index) => Math.abs(value - cropped[index]!)))).toBeGreaterThan(0.01);
  });
});
