/** Names, order, shapes, initial values, decay groups, counts and costs of every model agree with timm's. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../src/shared/errors';
import { refusalOf } from '../../../src/shared/curriculum/size-rule';
import { modelEntries, modelEntry } from '../../../src/main/engine/models';
import type { ModelEntry } from '../../../src/main/engine/types';
import { allCases, goldenOf } from '../../golden/models/all-cases';
import { createModel } from '../../golden/models/cases';
import { expectInitialised } from '../../golden/models/expect-initialised';

/**
 * Models whose initial values are drawn here. Drawing those of a large model takes seconds; test/parity/models compares
 * the others.
 */
const DRAWN = [
  'resnet_micro',
  'deit_micro',
  'deit_tiny_patch16_224',
  'convnext_micro',
  'caformer_micro',
  'pvt_micro',
  'pvt_v2_micro',
];

describe('registry', () => {
  it('has exactly the classifiers of the golden file', () => {
    expect(
      modelEntries('classify')
        .map(({ id }) => id)
        .sort(),
    ).toEqual(allCases.map(({ id }) => id).sort());
  });

  it('names the models where one is unknown', () => {
    const unknown = (): ModelEntry => modelEntry('resnet19');
    expect(unknown).toThrow(AppError);
    expect(unknown).toThrow(
      expect.objectContaining({ code: 'not_found', why: expect.stringContaining('deit_small_patch16_224') as string }),
    );
  });

  it('proposes a size where a patch does not divide it', () => {
    const create = (): unknown =>
      modelEntry('deit_tiny_patch16_224').create({ num_classes: 10, img_size: 100, drop_path_rate: 0, drop_rate: 0 });
    expect(create).toThrow(expect.objectContaining({ code: 'invalid_config', next: 'Choose a size of 96 or 112 px.' }));
  });

  it('takes recipes that the configuration knows, and a valid default size', () => {
    for (const entry of modelEntries()) {
      expect(refusalOf(entry.sizes, entry.size), entry.id).toBeNull();
      for (const path of Object.keys(entry.recipe))
        expect(path, entry.id).toMatch(/^(data|optimizer|model_args|ema|eval)\.[a-z_]+$/);
    }
  });
});

describe.each(allCases)('$id', (example) => {
  const entry = modelEntry(example.id);
  const model = createModel(example);
  const expected = goldenOf(example.id);

  it("has timm's parameters, in timm's order and shapes", () => {
    const keys = model.params.map(({ name, timmShape }) => [name, [...timmShape]]);
    if (expected.statistics) expect(keys).toEqual(expected.statistics.map(([name, shape]) => [name, shape]));
    else
      expect(createHash('sha256').update(JSON.stringify(keys)).digest('hex'), JSON.stringify(keys)).toBe(
        expected.digest,
      );
    expect(entry.parameters(example.options.num_classes)).toBe(expected.parameters);
    expect(entry.timmArgs).toEqual(example.timm);
  });

  it('lets weight decay act where timm does', () => {
    const trainable = model.params.filter(({ trainable }) => trainable);
    const plain = trainable
      .filter(({ decay }) => !decay)
      .map(({ name }) => name)
      .sort();
    const vectors = trainable
      .filter(
        ({ name, timmShape }) =>
          timmShape.length <= 1 || /(^|\.)(pos_embed|cls_token|relative_position_bias_table)$/.test(name),
      )
      .map(({ name }) => name)
      .sort();
    expect(plain).toEqual(expected.no_decay ?? vectors);
    expect(model.params.filter(({ trainable, decay }) => !trainable && decay)).toEqual([]);
  });

  it("costs what PyTorch's own counter says, at every size", () => {
    // The tolerance is 0.1 %, because the resampling of position embeddings and the like is not counted.
    for (const [size, macs] of Object.entries(expected.macs))
      expect(Math.abs(entry.macs(Number(size)) / macs - 1), `${size} px`).toBeLessThan(1e-3);
  });

  if (DRAWN.includes(example.id))
    it("draws initial values with timm's statistics", () => expectInitialised(model.params, expected.statistics!));
});
