/**
 * Our own attention agrees with the composed one, at every remainder that its panels of queries and blocks of keys
 * leave.
 */
import { describe, expect, it, vi } from 'vitest';
import { openProgram } from '../../../src/main/engine/capture/open';
import { attention } from '../../../src/main/engine/layers/attention';
import type { LayerCase } from '../../golden/models/layer-programs';
import { drawn, layerProgram, runLayer } from '../../golden/models/layer-programs';
import { temporaryFolder } from '../../golden/models/temporary-folder';
import { engineMissing } from '../../support/engine';

const HEADS = 3;
const BATCH = 2;

function example(length: number, width: number): LayerCase {
  const dim = HEADS * width;
  const plain = (key: string, shape: number[]) => ({ shape, values: drawn(key, shape, 2 / Math.sqrt(dim)) });
  return {
    name: `${length} tokens, heads of ${width}`,
    arguments: {
      x: { shape: [BATCH * length, dim], values: drawn('x', [BATCH * length, dim]) },
      'qkv.weight': plain('qkv.weight', [dim, 3 * dim]),
      'qkv.bias': plain('qkv.bias', [3 * dim]),
      'proj.weight': plain('proj.weight', [dim, dim]),
      'proj.bias': plain('proj.bias', [dim]),
    },
    output: [BATCH * length, dim],
    forward: (context, values) =>
      attention(context, values['x']!, {
        ...{ heads: HEADS, batch: BATCH, length, name: 'attn' },
        param: (key) => values[key.slice('attn.'.length)]!,
      }),
  };
}

function results(layer: LayerCase, kernels: 'on' | 'off'): Record<string, Float32Array> {
  vi.stubEnv('EFFICIENTTRAIN_KERNELS', kernels);
  const { executor } = openProgram({
    build: () => layerProgram(layer),
    key: `${layer.name} ${kernels}`,
    cacheFolder: temporaryFolder(),
  });
  const found = runLayer(executor, layer);
  executor.dispose();
  vi.unstubAllEnvs();
  return found;
}

describe.skipIf(engineMissing)('attention', () => {
  it.each([
    [1, 16],
    [5, 16],
    [6, 32],
    [23, 16],
    [24, 16],
    [25, 16],
    [37, 64],
    [50, 32],
    [74, 16],
  ])('of %i tokens with heads of %i', (length, width) => {
    const layer = example(length, width);
    const [own, composed] = [results(layer, 'on'), results(layer, 'off')];
    for (const [key, values] of Object.entries(composed)) {
      const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-3);
      const apart = values.reduce((most, value, at) => Math.max(most, Math.abs(value - own[key]![at]!)), 0);
      expect(apart / largest, key).toBeLessThan(1e-5);
    }
  });
});
