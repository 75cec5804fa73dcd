import { join } from 'node:path';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { modelEntries } from '../../../src/main/engine/models';
import type { Layout, ParamSpec, TF } from '../../../src/main/engine/types';
import { fromTimm, toTimm } from '../../../src/main/engine/weights/layout';
import { SafetensorsFile } from '../../../src/main/engine/weights/safetensors';
import { micro } from './random-values';

const tf = createRequire(import.meta.url)('@tensorflow/tfjs') as TF;
const file = new SafetensorsFile(join(import.meta.dirname, '../../golden/weights/layers.safetensors'));

const spec = (layout: Layout, shape: number[], timmShape: readonly number[]): ParamSpec => ({
  name: layout,
  layout,
  shape,
  timmShape,
  trainable: true,
  decay: true,
  init: () => new Float32Array(0),
});

/** Builds the layer in this program's layout, with PyTorch's weights. */
const LAYERS: Record<string, { shape: number[]; run: (x: never, weight: never) => unknown }> = {
  linear: { shape: [5, 4], run: (x, weight) => tf.matMul(x, weight) },
  conv: { shape: [3, 2, 3, 4], run: (x, weight) => tf.conv2d(x, weight, 1, 'valid') },
  patch: { shape: [48, 5], run: (x, weight) => tf.conv2d(x, tf.reshape(weight, [4, 4, 3, 5]), 4, 'valid') },
  depthwise: { shape: [3, 2, 4, 2], run: (x, weight) => tf.depthwiseConv2d(x, weight, 1, 'valid') },
};

describe('layouts against PyTorch', () => {
  it.each(Object.entries(LAYERS))('%s gives what PyTorch gave', async (name, { shape, run }) => {
    await tf.setBackend('cpu');
    const timmShape = file.shape(`${name}.weight`);
    const values = fromTimm(spec(name as Layout, shape, timmShape), file.read(`${name}.weight`) as Float32Array);
    const x = tf.tensor(file.read(`${name}.input`), [...file.shape(`${name}.input`)]);
    const out = run(x as never, tf.tensor(values, shape) as never) as { shape: number[]; dataSync: () => Float32Array };
    expect(out.shape).toEqual(file.shape(`${name}.output`));
    const expected = file.read(`${name}.output`);
    const largest = out
      .dataSync()
      .reduce((most, value, index) => Math.max(most, Math.abs(value - (expected[index] as number))), 0);
    expect(largest).toBeLessThan(1e-5);
  });

  it.each(Object.entries(LAYERS))('%s goes back exactly', (name, { shape }) => {
    const timm = file.read(`${name}.weight`) as Float32Array;
    const one = spec(name as Layout, shape, file.shape(`${name}.weight`));
    const inside = fromTimm(one, timm);
    expect(inside).not.toEqual(timm);
    expect(toTimm(one, inside)).toEqual(timm);
  });
});

describe('every parameter of every model', () => {
  it.each(modelEntries().map(({ id }) => id))('%s: there and back', (id) => {
    const entry = modelEntries().find((one) => one.id === id)!;
    const classes = entry.task === 'classify' ? micro.num_classes : 0;
    const model = entry.create({ ...micro, num_classes: classes, img_size: entry.size });
    const size = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);
    for (const param of model.params) {
      expect(size(param.shape), param.name).toBe(size(param.timmShape));
      const values = Float32Array.from({ length: size(param.shape) }, (_, index) => index);
      expect(
        Buffer.from(fromTimm(param, toTimm(param, values)).buffer).equals(Buffer.from(values.buffer)),
        param.name,
      ).toBe(true);
    }
  });
});
