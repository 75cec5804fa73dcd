/**
 * Captured features by name agree with the model's own `encode` op by op. k-NN of them is tested from loaders to a
 * figure.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EagerExecutor } from '../../../src/main/engine/capture/eager';
import type { EvalLoader } from '../../../src/main/engine/data/loader/eval-loader';
import {
  checkedFeature,
  defaultFeature,
  featureNames,
  featureProgram,
  featureSignature,
  openExtractor,
  type FeatureNetwork,
} from '../../../src/main/engine/inference/features';
import { evaluateKnn } from '../../../src/main/engine/train/knn-evaluation';
import { SIMILARITIES, similaritySignature } from '../../../src/main/engine/inference/similarities';
import { modelEntry } from '../../../src/main/engine/models';
import { engineMissing, loaded } from '../../support/engine';

const [SIZE, BATCH] = [32, 4];

function networkOf(id: string, feature: string): FeatureNetwork {
  const entry = modelEntry(id);
  const model = entry.create({
    num_classes: id.startsWith('mae') ? 0 : 3,
    img_size: SIZE,
    drop_path_rate: 0,
    drop_rate: 0,
  });
  const { mean, std } = entry;
  return {
    model,
    feature,
    batch: BATCH,
    preprocessing: { size: SIZE, crop_pct: 1, interpolation: 'bicubic', mean, std },
  };
}

const pictures = (count: number): Uint8Array =>
  Uint8Array.from({ length: count * SIZE * SIZE * 3 }, (_, index) => (Math.imul(index, 2654435761) >>> 13) & 255);

const valuesOf = ({ model }: FeatureNetwork): Record<string, Float32Array> =>
  Object.fromEntries(model.params.map(({ name, init }) => [name, init(1)]));

describe('names of features', () => {
  it('are the intermediates, and the mean where a network only pools by it', () => {
    const [vit, resnet] = [networkOf('deit_micro', 'cls').model, networkOf('resnet_micro', 'mean').model];
    expect(featureNames(vit)).toEqual(['blocks.0', 'blocks.1', 'blocks.2', 'blocks.3', 'tokens', 'cls', 'mean']);
    expect(featureNames(resnet).at(-1)).toBe('mean');
    expect([defaultFeature(vit), defaultFeature(resnet)]).toEqual(['cls', 'mean']);
    expect(() => checkedFeature(resnet, 'cls')).toThrow('resnet_micro has no feature called cls');
  });
});

describe.skipIf(engineMissing)('features', () => {
  it.each([
    ['deit_micro', 'cls', [64]],
    ['deit_micro', 'blocks.1', [65, 64]],
    ['mae_vit_micro_patch4', 'cls', [64]],
    ['mae_vit_micro_patch4', 'mean', [64]],
    ['mae_vit_micro_patch4', 'tokens', [65, 64]],
    ['resnet_micro', 'mean', null],
    ['resnet_micro', 'layer2', null],
  ])('of %s: %s', (id, feature, wanted) => {
    const network = networkOf(id, feature);
    const images = pictures(BATCH);
    const captured = openExtractor(network, mkdtempSync(join(tmpdir(), 'graphs-')));
    captured.executor.write(valuesOf(network));
    const { values, shape } = captured.features(images, BATCH);
    const part = captured.features(images.slice(0, 3 * SIZE * SIZE * 3), 3);
    captured.executor.dispose();
    expect(values.length).toBe(shape.reduce((product, side) => product * side, BATCH));
    if (wanted) expect(shape).toEqual(wanted);
    else expect(shape.length).toBe(feature === 'mean' ? 1 : 3);
    const eager = new EagerExecutor(featureProgram(network), loaded);
    eager.write(valuesOf(network));
    const expected = eager.run(featureSignature(SIZE, BATCH), { images })['features']!;
    eager.dispose();
    const largest = Math.max(...expected.map(Math.abs));
    expect(Math.max(...values.map((value, at) => Math.abs(value - expected[at]!)))).toBeLessThan(1e-4 * largest);
    expect(part.shape).toEqual(shape);
    expect(part.values).toEqual(values.slice(0, 3 * (values.length / BATCH)));
  });

  /** Yields batches of pictures whose brightness depends on the class. */
  const loaderOf = (labels: readonly number[]): EvalLoader => ({
    *batches() {
      for (let first = 0; first < labels.length; first += BATCH) {
        const own = Array.from({ length: BATCH }, (_, row) => labels[first + row] ?? -2);
        const images = pictures(BATCH).map((value, at) => {
          const label = own[Math.floor(at / (SIZE * SIZE * 3))]!;
          return label < 0 ? 0 : (value >> 4) + 80 * label;
        });
        yield { images, labels: Int32Array.from(own) };
      }
    },
    problems: () => [],
    close: () => Promise.resolve(),
  });

  it('classify by their neighbours: images of a class that is bright find each other', async () => {
    const network = { ...networkOf('mae_vit_micro_patch4', 'cls'), more: { [SIMILARITIES]: similaritySignature(64) } };
    const { executor } = openExtractor(network, mkdtempSync(join(tmpdir(), 'graphs-')));
    executor.write(valuesOf(network));
    const parts = {
      ...{ executor, signature: featureSignature(SIZE, BATCH), dim: 64, classes: 3, k: 3 },
      queries: loaderOf([0, 1, 2, 2, 1, 0]),
    };
    const progress: number[] = [];
    const bank = loaderOf([0, 0, 0, 1, 1, 1, 2, 2, 2, -1]);
    const result = await evaluateKnn({
      ...parts,
      bank,
      stop: () => false,
      onProgress: (images) => progress.push(images),
    });
    expect(result).toEqual({ top1: 1, queries: 6, bank: 9 });
    expect(progress).toEqual([4, 8, 12, 16, 20]);
    // The labels of queries and bank have no class in common, so no query is right.
    const wrong = await evaluateKnn({ ...parts, queries: loaderOf([0, 0]), bank: loaderOf([1, 1]), stop: () => false });
    expect(wrong?.top1).toBe(0);
    let asked = 0;
    expect(await evaluateKnn({ ...parts, bank, stop: () => ++asked > 3 })).toBeNull();
    executor.dispose();
  });
});
