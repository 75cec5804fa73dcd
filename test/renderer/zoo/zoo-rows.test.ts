/** The zoo's rows: the figures of each model at a size and a batch, and where they come from. */
import { describe, expect, it } from 'vitest';
import { modelEntry } from '../../../src/main/engine/models';
import type { ModelMeasurement, ModelSpeeds } from '../../../src/shared/contract/models';
import { gainsOf, headlineOf } from '../../../src/shared/published/gains';
import { familiesOf, fitting, sorted, zooRows, type ZooRow } from '../../../src/renderer/views/zoo/zoo-rows';
import { info } from './model-info';

const MODELS = ['swin_micro', 'deit_micro', 'resnet_micro', 'convnext_micro'].map(info);
const AT = { size: 64, batch: 16 };

const measured = (fields: Partial<ModelMeasurement>): ModelMeasurement => ({
  ...{ model: 'swin_micro', ...AT, measured: '2026-11-30', images_per_second: 100, memory_bytes: 1e9 },
  beside_training: false,
  ...fields,
});
const known = (fields: Partial<ModelSpeeds> = {}): ModelSpeeds => ({
  memory_total: 8e9,
  measured: [],
  runs: [],
  ...fields,
});
const rowOf = (id: string, speeds: ModelSpeeds, at = AT): ZooRow =>
  zooRows(MODELS, speeds, at).find(({ model }) => model.id === id) as ZooRow;

describe('a row', () => {
  it('says nothing of speed where nothing was measured, and the least that a step holds', () => {
    const { speed, memory, tooLarge } = rowOf('swin_micro', known());
    expect(speed).toBeNull();
    expect(memory).toEqual({ how: 'least', bytes: 16 * modelEntry('swin_micro').parameters(1000) });
    expect(tooLarge).toBe(false);
    expect(rowOf('swin_micro', known({ memory_total: 1e6 })).tooLarge).toBe(true);
  });

  it('prefers what was measured at this size to a run, and a run to an estimate from another size', () => {
    const at32 = measured({ size: 32, images_per_second: 400 });
    const run = { model: 'swin_micro', ...AT, images_per_second: 90, run: 'r', name: 'mine' };
    const macs = modelEntry('swin_micro').macs;
    expect(rowOf('swin_micro', known({ measured: [at32] })).speed).toEqual({
      ...{ how: 'scaled', from: 32 },
      value: (400 * macs(32)) / macs(64),
    });
    expect(rowOf('swin_micro', known({ measured: [at32], runs: [run] })).speed).toEqual({ how: 'run', value: 90, run });
    const all = known({ measured: [at32, measured({})], runs: [run] });
    expect(rowOf('swin_micro', all).speed).toMatchObject({ how: 'measured', value: 100 });
    expect(rowOf('swin_micro', all).memory).toEqual({ how: 'measured', bytes: 1e9 });
    expect(rowOf('deit_micro', all).speed).toBeNull();
    expect(rowOf('swin_micro', all, { size: 64, batch: 8 }).speed).toBeNull();
  });

  it('has no speed where no step fits, whatever was measured at other sizes', () => {
    const doomed = measured({ images_per_second: null, memory_bytes: 9e9 });
    const row = rowOf('swin_micro', known({ measured: [doomed, measured({ size: 32 })] }));
    expect([row.speed, row.memory, row.tooLarge]).toEqual([null, { how: 'estimated', bytes: 9e9 }, true]);
  });

  it('names the nearest sizes of one that the model refuses, and then has neither cost nor speed', () => {
    const at = { size: 61, batch: 16 };
    const speeds = known({ measured: [measured({}), measured({ model: 'convnext_micro' })] });
    expect(rowOf('swin_micro', speeds, at)).toMatchObject({ macs: null, nearest: [64, 56], speed: null });
    expect(rowOf('convnext_micro', speeds, at).speed?.how).toBe('scaled');
  });
});

describe('the table', () => {
  const names = (rows: readonly ZooRow[]): string[] => rows.map(({ model }) => model.id);

  it('is sorted by a column, those without a number last in both directions', () => {
    const speeds = known({
      measured: [measured({}), measured({ model: 'resnet_micro', images_per_second: 300 })],
    });
    const rows = zooRows(MODELS, speeds, AT);
    const fast = names(sorted(rows, { by: 'speed', descending: true }));
    expect(fast.slice(0, 2)).toEqual(['resnet_micro', 'swin_micro']);
    expect(names(sorted(rows, { by: 'speed', descending: false })).slice(0, 2)).toEqual(['swin_micro', 'resnet_micro']);
    expect(names(sorted(rows, { by: 'parameters', descending: false }))[0]).toBe('deit_micro');
    expect(names(sorted(rows, { by: 'name', descending: false }))[0]).toBe('convnext_micro');
  });

  it('is filtered by words of names and families, and by families', () => {
    const rows = zooRows(MODELS, known(), AT);
    expect(names(fitting(rows, 'MICRO win', new Set()))).toEqual(['swin_micro']);
    expect(names(fitting(rows, '', new Set(['resnet'])))).toEqual(['resnet_micro']);
    expect(fitting(rows, 'swin', new Set(['resnet']))).toEqual([]);
    expect(familiesOf(MODELS).find(({ id }) => id === 'swin')).toMatchObject({ count: 1 });
  });
});

describe('published gains', () => {
  it('are table 7’s for a network of the TPAMI paper, its own baseline beside it', () => {
    const gain = headlineOf('swin_tiny_patch4_window7_224');
    expect(gain?.plain).toMatchObject({ method: 'Baseline', epochs: 300, top1: 0.813 });
    expect(gain?.curriculum).toMatchObject({ epochs: 200, top1: 0.816, speedup_compute: 1.51 });
  });

  it('never mix papers, data or sizes', () => {
    for (const id of ['deit_small_patch16_224', 'cswin_base', 'swin_base_patch4_window7_224', 'mae_vit_base_patch16'])
      for (const { plain, curriculum } of gainsOf(id)) {
        const facts = ({ paper, where, model, data, size }: typeof plain): unknown => ({
          paper,
          where,
          model,
          data,
          size,
        });
        expect(facts(plain)).toEqual(facts(curriculum));
      }
    expect(gainsOf('cswin_base').map(({ curriculum }) => curriculum.size)).toContain(384);
    expect(headlineOf('mae_vit_base_patch16')?.plain.method).toBe('MAE');
  });

  it('are none where the papers have none', () => {
    expect(headlineOf('swin_micro')).toBeNull();
    expect(gainsOf('caformer_b36')).toEqual([]);
  });
});
