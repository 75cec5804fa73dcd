/** A paper's row is found by its words, and a run lists in words where it departs from it. */
import { describe, expect, it } from 'vitest';
import { modelEntries, modelEntry } from '../../src/main/engine/models';
import { departuresFrom, departureText, type Departure } from '../../src/shared/published/departures';
import { findRow, rowLabel, TRAINED_ROWS } from '../../src/shared/published/find-row';
import { modelOfRow } from '../../src/shared/published/paper-model';
import { PUBLISHED_RESULTS } from '../../src/shared/published/results';
import type { PublishedRow } from '../../src/shared/published/row';
import { resolveConfig } from '../../src/shared/run-config-resolve';

const [IMAGES, CLASSES] = [1_281_167, 1000];

function against(
  name: string,
  id: string,
  flags: Record<string, unknown>,
  data = { images: IMAGES, classes: CLASSES },
): Departure[] {
  const row = findRow(name);
  const model = modelEntry(id);
  const paperModel = modelEntries().find((entry) => entry.id === modelOfRow(row)) ?? null;
  const { config } = resolveConfig({ dataset: 'd', model, flags });
  return departuresFrom(row, { config, model, paperModel, ...data });
}

describe('a row', () => {
  it('is found by its label, each by its own', () => {
    for (const row of TRAINED_ROWS) expect(findRow(rowLabel(row)).id, rowLabel(row)).toBe(row.id);
    expect(new Set(PUBLISHED_RESULTS.map(({ id }) => id)).size).toBe(PUBLISHED_RESULTS.length);
  });

  it('of the curriculum is meant where several have these words', () => {
    expect(findRow('Swin-T, TPAMI 2024, 200 epochs')).toMatchObject({ method: 'EfficientTrain++', top1: 0.816 });
    expect(findRow('swin-t, baseline, 200 epochs')).toMatchObject({ method: 'Baseline', top1: 0.808 });
    expect(findRow('ResNet-50, ICCV 2023')).toMatchObject({ method: 'EfficientTrain', top1: 0.794 });
  });

  it.each([
    ['Swin-Q', /models are ResNet-50/, /Name one row/],
    ['Swin-T, 250 epochs', /\d+ rows of Swin-T/, /"Swin-T, TPAMI 2024, 200 epochs, EfficientTrain\+\+"/],
    ['DeiT-S, TPAMI 2024', /method, length or size/, /DeiT-S/],
  ])('%s is refused with rows to choose from', (name, why, next) =>
    expect(() => findRow(name)).toThrow(
      expect.objectContaining({
        code: 'not_found',
        why: expect.stringMatching(why) as string,
        next: expect.stringMatching(next) as string,
      }),
    ),
  );
});

/** Words that a value which is not there would leave. */
const WITHOUT_VALUE = /undefined|null|NaN|\[object|\(\)| {2}|is ;|has \./;

describe.each(modelEntries().map((entry) => [entry.id, entry] as const))('%s against every row', (_, model) => {
  const { config } = resolveConfig({ dataset: 'd', model, flags: {} });

  it('says in whole words where it departs', () => {
    for (const row of TRAINED_ROWS) {
      const paperModel = modelEntries().find((entry) => entry.id === modelOfRow(row)) ?? null;
      expect(paperModel, rowLabel(row)).not.toBeNull();
      const found = departuresFrom(row, { config, model, paperModel, images: IMAGES, classes: CLASSES });
      for (const each of found) {
        expect(departureText(each), rowLabel(row)).toMatch(
          /^(Its? |\S+ is ).*\S; the row(’s|'s is not published, and the network's authors)? ha(s|ve) \S.*\.$/,
        );
        expect(departureText(each), rowLabel(row)).not.toMatch(WITHOUT_VALUE);
        expect(each.own, rowLabel(row)).not.toBe(each.published);
      }
      expect(new Set(found.map(({ field }) => field)).size).toBe(found.length);
      expect(found.some(({ code }) => code === 'model')).toBe(modelOfRow(row) !== model.id);
    }
  });
});

describe('a row of another kind', () => {
  const of = (name: string, id: string): string[] =>
    against(name, id, { 'data.batch': 4096, 'schedule.equivalent_epochs': 200 }).map(departureText);

  /** The name of a row whose method has a comma is its whole label. */
  const named = (fields: Partial<PublishedRow>): string =>
    rowLabel(
      TRAINED_ROWS.find((row) =>
        Object.entries(fields).every(([field, value]) => row[field as keyof PublishedRow] === value),
      )!,
    );

  it('of ImageNet-22K has other data, and no recipe that is known', () => {
    const row = named({ model: 'CSWin-B', method: 'EfficientTrain++, half the cost', size: 224 });
    expect(of(row, 'cswin_base')).toEqual([
      'It trains on 1281167 images, 1000 classes; the row has ImageNet-22K, fine-tuned on ImageNet-1K: 14197122 images, 21841 classes.',
      'Its products are in float32; the row has mixed precision.',
    ]);
  });

  it('of a method that is not here says so, and nothing of a recipe', () => {
    expect(of(named({ method: 'DINO' }), 'mae_vit_base_patch16')).toEqual(['Its method is MAE; the row has DINO.']);
    expect(of(named({ method: 'BEiT' }), 'vit_base_patch16_224')).toEqual([
      'It trains vit_base_patch16_224; the row has ViT-B (mae_vit_base_patch16).',
      'Its method is classification; the row has BEiT.',
    ]);
  });

  it('of pre-training has its method, its target and its schedule', () => {
    const mae = (name: string, flags: Record<string, unknown>): Departure[] =>
      against(name, 'mae_vit_base_patch16', { 'data.batch': 4096, 'schedule.equivalent_epochs': 400, ...flags });
    const plain = named({ method: 'MAE with HOG targets', epochs: 400 });
    expect(mae(plain, { 'mae.target': 'hog' }).map(({ code }) => code)).toEqual(['stages']);
    expect(mae(plain, {}).map(({ field }) => field)).toEqual(['schedule.stages', 'mae.target']);
    const curriculum = named({ method: 'MAE with HOG targets, EfficientTrain++' });
    expect(mae(curriculum, { 'mae.target': 'hog' })).toEqual([]);
    const first = mae(named({ model: 'ViT-B', method: 'MAE, EfficientTrain' }), { 'schedule.equivalent_epochs': 1600 });
    expect(first.find(({ code }) => code === 'stages')?.published).toContain('B 160 x3, 192, 224');
    expect(of(named({ model: 'ViT-L', method: 'MAE' }), 'deit_small_patch16_224')[1]).toBe(
      'Its method is classification; the row has MAE.',
    );
  });
});

describe('a run', () => {
  const whole = { 'data.batch': 4096, 'engine.autocast': true };

  it('as published departs in nothing', () => {
    expect(against('Swin-T, TPAMI 2024, 200 epochs', 'swin_tiny_patch4_window7_224', whole)).toEqual([]);
    const half = { ...whole, 'schedule.equivalent_epochs': 100 };
    expect(against('Swin-T, TPAMI 2024, 100 epochs, EfficientTrain++', 'swin_tiny_patch4_window7_224', half)).toEqual(
      [],
    );
    const convolutional = { 'data.batch': 4096 };
    expect(against('ConvNeXt-B, TPAMI 2024, 200 epochs', 'convnext_base', convolutional)).toEqual([]);
  });

  it('as the baseline of 300 epochs has the recipe’s stochastic depth, unscaled', () => {
    const flags = { ...whole, 'schedule.equivalent_epochs': 300, 'schedule.preset': 'constant' };
    const row = 'Swin-T, baseline, 300 epochs, TPAMI 2024';
    const found = against(row, 'swin_tiny_patch4_window7_224', { ...flags, 'model_args.drop_path_rate': 0.2 });
    expect(found.filter(({ field }) => field.startsWith('model_args'))).toEqual([]);
    const scaled = against(row, 'swin_tiny_patch4_window7_224', { ...flags, 'model_args.drop_path_rate': 0.3 });
    expect(scaled.map(departureText)).toContain('model_args.drop_path_rate is 0.3; the row has 0.2.');
  });

  it('beside a row without published settings is compared with the authors of the network', () => {
    const flags = { 'data.batch': 4096, 'schedule.equivalent_epochs': 200, 'optimizer.base_lr': 1e-3 };
    expect(against('CAFormer-S18, TPAMI 2024, 200 epochs', 'caformer_s18', flags).map(departureText)).toEqual([
      "optimizer.base_lr is 0.001; the row's is not published, and the network's authors have 0.008.",
    ]);
  });

  it('says in words what it has of its own', () => {
    const flags = { size: 128, 'data.batch': 64, 'schedule.equivalent_epochs': 100, 'optimizer.base_lr': 2e-3 };
    const found = against('DeiT-S, TPAMI 2024, 200 epochs', 'deit_small_patch16_224', flags, {
      images: 1000,
      classes: 5,
    });
    expect(found.map(departureText)).toEqual([
      'It trains on 1000 images, 5 classes; the row has ImageNet-1K: 1281167 images, 1000 classes.',
      'Its final size is 128 px; the row has 224 px.',
      'Its length in equivalent epochs is 100; the row has 200.',
      'Its stages are B 48 x2, 96 x4, 112 x2, 128 x2; m 0, 1, 2, 3, 4, 5, 6, 7, 8, 9; the row has B 96 x2, 160 x4, 192 x2, 224 x2; m 0, 1, 2, 3, 4, 5, 6, 7, 8, 9.',
      'Its batch is 64; the row has 4096.',
      'Its products are in float32; the row has mixed precision.',
      'model_args.drop_path_rate is 0.05; the row has 0.1.',
      'optimizer.base_lr is 0.002; the row has 0.004.',
    ]);
  });

  it('of another model says so, and is compared with the recipe of the row', () => {
    const found = against('ConvNeXt-T, TPAMI 2024, 200 epochs', 'resnet50', { 'data.batch': 4096 });
    expect(found.map(({ code, field }) => [code, field])).toContainEqual(['model', 'model']);
    expect(found.map(({ field }) => field)).toContain('ema.decay');
  });
});
