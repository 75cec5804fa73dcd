/**
 * The four maps of every full-size hierarchical model have the shapes of timm's features_only (feature-maps.py).
 * encodings.test.ts compares the micro models' numbers.
 */
import { describe, expect, it } from 'vitest';
import { traceProgram } from '../../../src/main/engine/capture/tracer';
import { modelEntries } from '../../../src/main/engine/models';
import type { Model, Tensor } from '../../../src/main/engine/types';
import timmMaps from '../../golden/models/feature-maps.json';
import { engineMissing, loaded } from '../../support/engine';

const [SIZE, BATCH] = [64, 2];
const pyramid = (channels: readonly number[]): number[][] => channels.map((count, stage) => [count, 4 * 2 ** stage]);
const doubling = (first: number): number[][] => pyramid([1, 2, 4, 8].map((factor) => factor * first));
/**
 * Maps of models that timm does not have: PVT (Wang et al., ICCV 2021, table 1) and CSWin (Dong et al., CVPR 2022,
 * table 1).
 */
const PVT = pyramid([64, 128, 320, 512]);
const AUTHORS = {
  ...{ pvt_tiny: PVT, pvt_small: PVT, pvt_medium: PVT, pvt_large: PVT },
  ...{ cswin_tiny: doubling(64), cswin_small: doubling(64), cswin_base: doubling(96), cswin_large: doubling(144) },
};
/** Channels and stride of each map. */
const maps: Record<string, number[][]> = { ...timmMaps, ...AUTHORS };

const models = modelEntries('classify')
  .filter(({ id }) => !id.includes('micro'))
  .map((entry) => ({
    id: entry.id,
    model: entry.create({
      num_classes: 0,
      img_size: SIZE - (SIZE % entry.sizes.step),
      drop_path_rate: 0,
      drop_rate: 0,
    }),
  }))
  // A plain transformer has the same number of tokens after every block.
  .filter(({ model }) => !model.intermediates.includes('blocks.0'));

const mapNames = ({ intermediates }: Model): string[] =>
  intermediates.filter((name) => !['tokens', 'cls', 'mean'].includes(name));

/** Side and channels of each map at 64 px, the largest first. */
function mapsOf(model: Model): number[][] {
  const { signatures } = traceProgram(
    {
      variables: Object.fromEntries(model.params.map(({ name, shape }) => [name, { shape, dtype: 'float32' }])),
      signatures: {
        encode: {
          inputs: { x: { shape: [BATCH, SIZE, SIZE, 3], dtype: 'float32' } },
          body: (context, { x }) => ({
            ...model.encode(context, x as Tensor, { training: false, intermediates: mapNames(model) }).intermediates,
          }),
        },
      },
    },
    loaded.tf,
    loaded.backend!,
  );
  return mapNames(model).map((name) => [...signatures['encode']!.outputs[name]!.shape]);
}

it('every one has a row', () => expect(models.map(({ id }) => id).sort()).toEqual(Object.keys(maps).sort()));

describe.skipIf(engineMissing)('maps', () => {
  it.each(models)('of $id', ({ id, model }) => {
    const expected = (maps[id] ?? []).map(([channels, stride]) => [BATCH, SIZE / stride!, SIZE / stride!, channels]);
    expect(mapsOf(model)).toEqual(expected);
  });
});
