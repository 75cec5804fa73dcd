/** Each parameter's learning rate under layer decay agrees with timm's groups. */
import { describe, expect, it } from 'vitest';
import { modelEntries, modelEntry } from '../../../src/main/engine/models';
import { layerOf, layerScales } from '../../../src/main/engine/optim/layer-decay';
import type { Model } from '../../../src/main/engine/types';

/** The output of layer-decay.py for a family: for each model the scales, with the parameters that have them. */
interface Family {
  layer_decay: number;
  models: Record<string, [number, string[]][]>;
}

const families = import.meta.glob<Family>('../../golden/optim/layer-decay/*.json', { eager: true, import: 'default' });
const models = Object.values(families).flatMap(({ layer_decay, models }) =>
  Object.entries(models).map(([id, expected]) => ({ id, layer_decay, expected })),
);

const create = (id: string): Model => {
  const entry = modelEntry(id);
  return entry.create({ num_classes: 10, img_size: entry.size, drop_path_rate: 0, drop_rate: 0 });
};

describe.each(models)('$id', ({ id, layer_decay, expected }) => {
  it("has timm's learning rates", () => {
    const model = create(id);
    const scales = layerScales(model, layer_decay);
    const trainable = model.params.filter((param) => param.trainable).map(({ name }) => name);
    const wanted = expected.flatMap(([scale, names]) => names.map((name): [string, number] => [name, scale]));
    expect(trainable.toSorted()).toEqual(wanted.map(([name]) => name).toSorted());
    for (const [name, scale] of wanted) expect(scales.get(name), name).toBeCloseTo(scale, 12);
  });
});

describe('layers', () => {
  it.each(modelEntries('classify').map(({ id }) => id))('of %s are all there and in order', (id) => {
    const { params, layers } = create(id);
    const ids = params.map(({ name }) => layerOf(name, layers));
    expect([...new Set(ids)].toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: layers.length + 1 }, (_, index) => index),
    );
  });

  it('are compared by whole names, so that block 1 is not block 10', () => {
    const layers = [['stem'], ['blocks.1'], ['blocks.10']];
    expect(
      ['stem.weight', 'stem', 'blocks.1.a', 'blocks.10.a', 'stem_norm', 'head'].map((name) => layerOf(name, layers)),
    ).toEqual([...[0, 0, 1, 2, 3, 3]]);
  });
});
