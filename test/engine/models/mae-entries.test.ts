/** The registry's facts about the masked autoencoders, and the configurations that they refuse. */
import { describe, expect, it } from 'vitest';
import { modelEntries, modelEntry } from '../../../src/main/engine/models';
import { classifierOf } from '../../../src/main/engine/models/classifier-of';
import { isHead } from '../../../src/main/engine/models/is-head';
import { takeWeights } from '../../../src/main/engine/weights/load-timm';
import { tensorsOf } from '../../../src/main/engine/weights/name-prefix';
import { timmState } from '../../../src/main/engine/weights/to-timm';
import { randomValues } from '../weights/random-values';
import { layerScales } from '../../../src/main/engine/optim/layer-decay';
import type { MaskedAutoencoder, ModelOptions } from '../../../src/main/engine/types';
import { sinCosPositions } from '../../../src/main/engine/layers/sin-cos-positions';

const plain = { num_classes: 0, img_size: 32, drop_path_rate: 0, drop_rate: 0 };
const micro = (options: Partial<ModelOptions> = {}): MaskedAutoencoder =>
  modelEntry('mae_vit_micro_patch4').create({ ...plain, ...options }) as MaskedAutoencoder;

/**
 * Numbers of parameters of encoder and decoder with both tables, as published (He et al., CVPR 2022, official
 * checkpoints).
 */
const PARAMETERS = {
  mae_vit_base_patch16: 111_907_840,
  mae_vit_large_patch16: 329_541_888,
  mae_vit_huge_patch14: 657_074_508,
};

it('lists one of each size', () => {
  expect(modelEntries('mae').map(({ id }) => id)).toEqual([
    'mae_vit_micro_patch4',
    'mae_vit_small_patch16',
    'mae_vit_base_patch16',
    'mae_vit_large_patch16',
    'mae_vit_huge_patch14',
  ]);
});

describe.each(Object.entries(PARAMETERS))('%s', (id, published) => {
  const entry = modelEntry(id);

  it('has as many parameters as published', () => {
    const { params } = entry.create({ ...plain, img_size: 224 });
    const count = (trained: boolean): number =>
      params
        .filter(({ trainable }) => trainable || !trained)
        .reduce((sum, { shape }) => sum + shape.reduce((product, length) => product * length, 1), 0);
    expect(count(false)).toBe(published);
    expect(entry.parameters(1000)).toBe(count(true));
  });
});

it('costs what the visible patches and the decoder cost', () => {
  const model = modelEntry('mae_vit_base_patch16').create({ ...plain, img_size: 224 });
  const block = (length: number, dim: number): number => 12 * length * dim * dim + 2 * length * length * dim;
  const encoder = 49 * 768 * 768 + 12 * block(50, 768);
  const decoder = 50 * 768 * 512 + 8 * block(197, 512) + 196 * 512 * 768;
  expect(model.macs(224)).toBe(encoder + decoder);
  // Another ratio of masked patches changes the cost of the encoder only.
  const denser = modelEntry('mae_vit_base_patch16').create({ ...plain, img_size: 224, mae: { mask_ratio: 0.5 } });
  expect(denser.macs(224)).toBe(
    98 * 768 * 768 + 12 * block(99, 768) + 99 * 768 * 512 + 8 * block(197, 512) + 196 * 512 * 768,
  );
});

it('takes its decoder and its target from the options', () => {
  const options = { decoder_embed_dim: 16, decoder_depth: 1, decoder_num_heads: 4, target_dim: 27 };
  const { params, targetDim } = micro({ mae: options });
  const shapes = Object.fromEntries(params.map(({ name, timmShape }) => [name, [...timmShape]]));
  expect(shapes['decoder_embed.weight']).toEqual([16, 64]);
  expect(shapes['decoder_pred.weight']).toEqual([27, 16]);
  expect(shapes['mask_token']).toEqual([1, 1, 16]);
  expect(params.filter(({ name }) => /^decoder_blocks\.\d+\.norm1\.bias$/.test(name))).toHaveLength(1);
  expect(targetDim).toBe(27);
});

it('starts as published', () => {
  const { params } = micro();
  const values = (name: string): Float32Array => params.find((spec) => spec.name === name)!.init(3);
  const range = (name: string): number => Math.max(...values(name).map(Math.abs));
  // Values of Glorot's rule fill an interval with the bound sqrt(6 / (fan_in + fan_out)).
  for (const [name, fans] of [
    ['patch_embed.proj.weight', 48 + 64],
    ['blocks.0.attn.qkv.weight', 4 * 64],
    ['blocks.3.mlp.fc2.weight', 5 * 64],
    ['decoder_embed.weight', 64 + 32],
    ['decoder_pred.weight', 32 + 48],
  ] as const) {
    expect(range(name), name).toBeLessThanOrEqual(Math.sqrt(6 / fans));
    expect(range(name), name).toBeGreaterThan(0.98 * Math.sqrt(6 / fans));
  }
  for (const name of ['cls_token', 'mask_token']) {
    const drawn = values(name);
    const deviation = Math.sqrt(drawn.reduce((sum, value) => sum + value * value, 0) / drawn.length);
    expect(deviation, name).toBeGreaterThan(0.012);
    expect(deviation, name).toBeLessThan(0.028);
  }
  expect(range('blocks.0.attn.qkv.bias')).toBe(0);
  expect(values('pos_embed')).toEqual(sinCosPositions(8, 64));
  expect(values('decoder_pos_embed')).toEqual(sinCosPositions(8, 32));
});

it('says what it can not be', () => {
  const refused = (options: Partial<ModelOptions>) => expect(() => micro(options));
  refused({ num_classes: 10 }).toThrow("mae_vit_micro_patch4 can't be trained to classify.");
  refused({ mae: { decoder_num_heads: 3 } }).toThrow(expect.objectContaining({ code: 'invalid_config' }));
  refused({ img_size: 30 }).toThrow(expect.objectContaining({ next: 'Choose a size of 28 or 32 px.' }));
});

describe.each(modelEntries('mae').map((entry) => [entry.id, entry] as const))(
  '%s as its authors fine-tune it',
  (_, entry) => {
    it('has a classifier that takes every tensor of its encoder, with a learning rate for each layer', () => {
      const options = { ...plain, img_size: entry.size };
      const own = new Map(entry.create(options).params.map(({ name, timmShape }) => [name, timmShape]));
      const classifier = classifierOf(entry);
      const tuned = classifier!.create({ ...options, num_classes: 10, drop_path_rate: 0.2, global_pool: 'avg' });
      const taken = tuned.params.filter(({ name }) => !isHead(name) && !name.startsWith('fc_norm.'));
      for (const { name, timmShape } of taken) expect(own.get(name), name).toEqual(timmShape);
      expect(taken.length).toBeGreaterThan(entry.id.includes('micro') ? 45 : 140);
      const scales = new Set(layerScales(tuned, 0.75).values());
      expect(scales.size).toBe(tuned.layers.length + 1);
      expect(tuned.macs(entry.size)).toBeGreaterThan(0);
    });
  },
);

it.each(['recount', 'resample'] as const)('takes the weights of another size, with positions by %s', (positions) => {
  const state = timmState(micro(), randomValues(micro()));
  const tables = ['pos_embed', 'decoder_pos_embed'];
  for (const name of tables) {
    const dim = state[name]!.shape[2] as number;
    state[name] = { shape: [1, 65, dim], data: sinCosPositions(8, dim) };
  }
  const larger = micro({ img_size: 48, mae: { positions } });
  const { values, report } = takeWeights(larger, 'the smaller one', tensorsOf(state));
  expect(report.resized).toEqual(tables);
  for (const name of tables) {
    const dim = state[name]!.shape[2] as number;
    const [read, computed] = [values[name]!, sinCosPositions(12, dim)];
    expect(read).toHaveLength(145 * dim);
    const difference = Math.max(...read.map((value, at) => Math.abs(value - computed[at]!)));
    // Resampled, twelve patches keep the places that eight had; counted anew, they have places of their own.
    if (positions === 'recount') expect(difference).toBe(0);
    else expect(difference).toBeGreaterThan(0.5);
  }
});
