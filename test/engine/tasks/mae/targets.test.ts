/**
 * Positions and HOG targets agree with numpy programs of their own, and pixel targets and masks with their definitions.
 */
import { describe, expect, it } from 'vitest';
import { EagerExecutor } from '../../../../src/main/engine/capture/eager';
import { openProgram } from '../../../../src/main/engine/capture/open';
import { sinCosPositions } from '../../../../src/main/engine/layers/sin-cos-positions';
import { hogCell, hogDim, hogTargets } from '../../../../src/main/engine/tasks/mae/hog-targets';
import { lossOfImages, maskedLoss } from '../../../../src/main/engine/tasks/mae/masked-loss';
import { drawMasks, maskFromNoise } from '../../../../src/main/engine/tasks/mae/masking';
import { pixelTargets } from '../../../../src/main/engine/tasks/mae/pixel-targets';
import type { Context, Program, Tensor } from '../../../../src/main/engine/types';
import { visiblePatches } from '../../../../src/shared/visible-patches';
import hogJson from '../../../golden/mae/hog.json';
import sinCosJson from '../../../golden/mae/sin-cos.json';
import { expectClose } from '../../../golden/models/expect-close';
import { uniform } from '../../../golden/models/formula';
import { temporaryFolder } from '../../../golden/models/temporary-folder';
import { engineMissing, loaded } from '../../../support/engine';

interface HogCase {
  patch: number;
  cell: number;
  size: number;
  batch: number;
  key: string;
  values: number[];
}

const hogCases = hogJson as HogCase[];
const tables = sinCosJson as unknown as { side: number; dim: number; rows: Record<string, number[]> }[];

/** Builds a program of one function with float32 inputs. */
function programOf(
  inputs: Record<string, number[]>,
  body: (context: Context, values: Record<string, Tensor>) => Record<string, Tensor>,
): Program {
  const infos = Object.entries(inputs).map(([name, shape]) => [name, { shape, dtype: 'float32' }] as const);
  return { variables: {}, signatures: { run: { inputs: Object.fromEntries(infos), body } } };
}

describe.each(tables)('positions of $side x $side patches, $dim wide', ({ side, dim, rows }) => {
  const table = sinCosPositions(side, dim);

  it("are numpy's", () => {
    expect(table).toHaveLength((1 + side * side) * dim);
    for (const [row, values] of Object.entries(rows))
      expectClose(table.subarray(Number(row) * dim, (Number(row) + 1) * dim), values, 1e-7, `row ${row}`);
  });
});

describe.skipIf(engineMissing).each(hogCases)(
  'HOG of patches of $patch px',
  ({ patch, cell, size, batch, key, values }) => {
    const program = programOf({ x: [batch, size, size, 3] }, (context, { x }) => ({
      out: hogTargets(context, x!, patch),
    }));
    const x = Float32Array.from(uniform(key, batch * size * size * 3));

    it('has cells of a size that divides the patch', () => {
      expect(hogCell(patch)).toBe(cell);
      expect(values).toHaveLength(batch * (size / patch) ** 2 * hogDim(patch));
    });

    it("is numpy's, captured and eager", () => {
      const captured = openProgram({ build: () => program, key: [key], cacheFolder: temporaryFolder() }).executor;
      expectClose(captured.run('run', { x })['out']!, values, 1e-5, 'captured');
      captured.dispose();
      expectClose(new EagerExecutor(program, loaded).run('run', { x })['out']!, values, 1e-5, 'eager');
    });
  },
);

describe.skipIf(engineMissing)('HOG of an image without an edge', () => {
  it('is zero', () => {
    const program = programOf({ x: [1, 16, 16, 3] }, (context, { x }) => ({ out: hogTargets(context, x!, 16) }));
    const { out } = new EagerExecutor(program, loaded).run('run', { x: new Float32Array(768).fill(0.3) });
    expect(out).toEqual(new Float32Array(108));
  });
});

describe.skipIf(engineMissing)('pixel targets', () => {
  const side = 4;
  const x = Float32Array.from(uniform('pixels', side * side * 3));
  const target = (normalised: boolean): Float32Array => {
    const program = programOf({ x: [1, side, side, 3] }, (context, values) => ({
      out: pixelTargets(context, values['x']!, 2, normalised),
    }));
    return new EagerExecutor(program, loaded).run('run', { x })['out'] as Float32Array;
  };
  const patches = [0, 1, 2, 3].map((patch) => {
    const [top, left] = [2 * Math.floor(patch / 2), 2 * (patch % 2)];
    return [0, 1].flatMap((row) =>
      [0, 1].flatMap((column) => [0, 1, 2].map((channel) => x[((top + row) * side + left + column) * 3 + channel]!)),
    );
  });

  it('are the pixels of each patch by row, column and channel', () =>
    expect([...target(false)]).toEqual(patches.flat()));

  it('are normalised by the unbiased variance', () => {
    const expected = patches.flatMap((values) => {
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
      return values.map((value) => (value - mean) / Math.sqrt(variance + 1e-6));
    });
    expectClose(target(true), expected, 1e-5, 'normalised');
  });
});

describe.skipIf(engineMissing)('the loss', () => {
  it('is a mean over the masked patches, of a batch and of each image', () => {
    const shape = [2, 3, 4];
    const program = programOf({ prediction: shape, target: shape, mask: [2, 3] }, (context, values) => {
      const [prediction, target, mask] = [values['prediction']!, values['target']!, values['mask']!];
      return {
        loss: maskedLoss(context, prediction, target, mask),
        each: lossOfImages(context, prediction, target, mask),
        gradient: context.tf.grad((given) => maskedLoss(context, given as Tensor, target, mask) as never)(prediction),
      };
    });
    const prediction = Float32Array.from(uniform('prediction', 24));
    const target = Float32Array.from(uniform('target', 24));
    const mask = Float32Array.of(1, 0, 0, 0, 1, 1);
    const results = new EagerExecutor(program, loaded).run('run', { prediction, target, mask });
    const error = (patch: number): number =>
      [0, 1, 2, 3].reduce((sum, at) => sum + (prediction[4 * patch + at]! - target[4 * patch + at]!) ** 2, 0) / 4;
    expectClose(results['loss']!, [(error(0) + error(4) + error(5)) / 3], 1e-6, 'loss');
    expectClose(results['each']!, [error(0), (error(4) + error(5)) / 2], 1e-6, 'of each image');
    const gradient = Array.from(
      prediction,
      (value, at) => ((value - target[at]!) * mask[Math.floor(at / 4)]! * 2) / 4 / 3,
    );
    expectClose(results['gradient']!, gradient, 1e-7, 'gradient');
  });
});

describe('masks', () => {
  it('keep the patches of the smallest noise, in their order', () => {
    const { ids_keep, ids_restore, mask } = maskFromNoise([0.5, 0.1, 0.9, 0.3], 2);
    expect([...ids_keep]).toEqual([1, 3]);
    expect([...ids_restore]).toEqual([2, 0, 3, 1]);
    expect([...mask]).toEqual([1, 0, 1, 0]);
  });

  it('are a function of seed, step and image alone', () => {
    const options = { seed: 3, step: 5, length: 64, ratio: 0.75 };
    const both = drawMasks({ ...options, images: [7, 8] });
    const alone = drawMasks({ ...options, images: [8] });
    expect(both.ids_keep).toHaveLength(32);
    expect(both.ids_keep.slice(16)).toEqual(alone.ids_keep);
    expect(both.ids_restore.slice(64)).toEqual(alone.ids_restore);
    expect(both.mask.slice(64)).toEqual(alone.mask);
    expect(alone.mask.reduce((sum, value) => sum + value, 0)).toBe(48);
    for (const changed of [{ seed: 4 }, { step: 6 }])
      expect(drawMasks({ ...options, ...changed, images: [8] }).ids_keep).not.toEqual(alone.ids_keep);
    expect([...both.ids_keep.subarray(0, 16)]).not.toEqual([...alone.ids_keep]);
  });

  it('keep as many patches as the paper', () => {
    expect([196, 100, 36, 64].map((length) => visiblePatches(length, 0.75))).toEqual([49, 25, 9, 16]);
  });

  it('mask every patch equally often', () => {
    const images = Array.from({ length: 2000 }, (_, index) => index);
    const { mask } = drawMasks({ seed: 0, step: 0, images, length: 16, ratio: 0.75 });
    const counts = Array.from({ length: 16 }, (_, patch) => images.reduce((sum, n) => sum + mask[n * 16 + patch]!, 0));
    // The tolerance is five standard deviations of a binomial distribution.
    for (const count of counts) expect(Math.abs(count - 1500)).toBeLessThan(5 * Math.sqrt(2000 * 0.75 * 0.25));
  });
});
