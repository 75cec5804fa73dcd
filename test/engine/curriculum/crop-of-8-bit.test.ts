/**
 * Our op for the crop of 8-bit images agrees with the host's crop, which low-frequency.test.ts compares with numpy's
 * FFT.
 */
import { expect, it } from 'vitest';
import { openProgram } from '../../../src/main/engine/capture/open';
import { lowFrequencyCropOf8Bit } from '../../../src/main/engine/curriculum/low-frequency-crop';
import type { Context, Program } from '../../../src/main/engine/types';
import { lowFrequencyCrop as cropOnHost } from '../../../src/shared/curriculum/low-frequency';
import { rngOf } from '../../../src/shared/random';
import { expectClose } from '../../golden/models/expect-close';
import { temporaryFolder } from '../../golden/models/temporary-folder';
import { engineMissing } from '../../support/engine';

const programOf = (
  height: number,
  width: number,
  bandwidth: number,
  mode: 'crop' | 'resize',
  batch: number,
): Program => ({
  variables: {},
  signatures: {
    run: {
      inputs: { images: { shape: [batch, height, width, 3], dtype: 'uint8' } },
      body: (context: Context, { images }) => ({ y: lowFrequencyCropOf8Bit(context, images!, bandwidth, mode) }),
    },
  },
});

const CASES = [
  [224, 224, 96, 2],
  [224, 224, 160, 2],
  [224, 224, 223, 1],
  [64, 40, 32, 3],
  [33, 48, 20, 2],
  [48, 33, 33, 2],
  [31, 45, 17, 4],
  [7, 5, 4, 1],
  [9, 8, 1, 5],
  [32, 32, 32, 2],
] as const;

it.skipIf(engineMissing).each(CASES.flatMap((one) => [[...one, 'crop'] as const, [...one, 'resize'] as const]))(
  '%i x %i to %i, %i images, %s',
  (height, width, bandwidth, batch, mode) => {
    const rng = rngOf(height, width, bandwidth);
    const size = height * width * 3;
    const images = Uint8Array.from({ length: batch * size }, () => rng.below(256));
    const program = programOf(height, width, bandwidth, mode, batch);
    const { executor } = openProgram({
      build: () => program,
      key: [height, width, bandwidth],
      cacheFolder: temporaryFolder(),
    });
    const y = executor.run('run', { images })['y']!;
    executor.dispose();
    const kept = bandwidth * bandwidth * 3;
    expect(y.length).toBe(batch * kept);
    for (let index = 0; index < batch; index++) {
      const data = Float32Array.from(images.subarray(index * size, (index + 1) * size));
      const wanted = cropOnHost({ data, height, width, channels: 3 }, bandwidth, mode).data;
      // The tolerance is relative to the whole range, as for images in 0..1.
      const unit = (values: Float32Array): Float32Array => values.map((value) => value / 255);
      expectClose(
        unit(y.subarray(index * kept, (index + 1) * kept) as Float32Array),
        unit(wanted),
        1e-5,
        `image ${index}`,
      );
    }
  },
);
