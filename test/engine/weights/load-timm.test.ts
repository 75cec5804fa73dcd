import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { modelEntry } from '../../../src/main/engine/models';
import { learnedPositions } from '../../../src/main/engine/models/modules/positions';
import type { Model } from '../../../src/main/engine/types';
import { loadTimmWeights } from '../../../src/main/engine/weights/load-timm';
import { SafetensorsFile, writeSafetensors, type StoredTensor } from '../../../src/main/engine/weights/safetensors';
import { timmState } from '../../../src/main/engine/weights/to-timm';
import type { AppError } from '../../../src/shared/errors';
import { refusalOf } from '../../support/refusal';
import { micro, randomValues } from './random-values';

const folder = mkdtempSync(join(tmpdir(), 'load-timm-'));
const resnet = modelEntry('resnet_micro').create(micro);
const deit = modelEntry('deit_micro').create(micro);
let files = 0;

/** Writes a timm file of the model's random values, with changes. */
function fileOf(model: Model, change: (state: Record<string, StoredTensor>) => void = () => undefined): string {
  const state = timmState(model, randomValues(model));
  change(state);
  const path = join(folder, `${files++}.safetensors`);
  writeSafetensors(path, state, { format: 'pt' });
  return path;
}

/** Writes a file with the model's names and shapes under a prefix, filled with zeros. */
function fileOfShapes(model: Model, prefix: string): string {
  const path = join(folder, `${files++}.safetensors`);
  const state = model.params.map(({ name, timmShape }): [string, StoredTensor] => [
    prefix + name,
    tensor([...timmShape], 0),
  ]);
  writeSafetensors(path, Object.fromEntries(state), {});
  return path;
}

const refusal = (model: Model, path: string): AppError => refusalOf(() => loadTimmWeights(model, path));

const tensor = (shape: number[], fill = 0.5): StoredTensor => ({
  shape,
  data: new Float32Array(shape.reduce((product, length) => product * length, 1)).fill(fill),
});

/** The file is not from a masked autoencoder. */
const NOTHING_ELSE = { decoder: 0, norm_replaced: false };

describe('a file that fits', () => {
  it.each([resnet, deit])('$id: every value comes back, counters are left out', (model) => {
    const { values, report } = loadTimmWeights(model, fileOf(model));
    expect(values).toEqual(randomValues(model));
    expect(report).toEqual({
      loaded: model.params.length,
      head_replaced: false,
      resized: [],
      prefix: '',
      left_out: 0,
      ...NOTHING_ELSE,
    });
  });

  it('is found in the folder of an export', () => {
    const export_ = join(folder, 'export');
    mkdirSync(export_);
    cpSync(fileOf(resnet), join(export_, 'model.safetensors'));
    expect(loadTimmWeights(resnet, export_).report.loaded).toBe(resnet.params.length);
  });
});

describe('another classifier', () => {
  it.each(['resnet_micro', 'deit_micro'])('%s: another class count leaves the head out and says so', (id) => {
    const model = modelEntry(id).create({ ...micro, num_classes: 3 });
    const head = id === 'resnet_micro' ? 'fc' : 'head';
    const { values, report } = loadTimmWeights(model, fileOf(modelEntry(id).create(micro)));
    expect(report.head_replaced).toBe(true);
    expect(model.params.map(({ name }) => name).filter((name) => !(name in values))).toEqual([
      `${head}.weight`,
      `${head}.bias`,
    ]);
    expect(report.loaded).toBe(model.params.length - 2);
  });

  it('a file without a head does the same', () => {
    const path = fileOf(deit, (state) => {
      delete state['head.weight'];
      delete state['head.bias'];
    });
    expect(loadTimmWeights(deit, path).report.head_replaced).toBe(true);
  });

  it('half a head is refused', () => {
    const error = refusal(
      deit,
      fileOf(deit, (state) => delete state['head.bias']),
    );
    expect(error.why).toBe('head.bias is missing.');
  });

  it('a head of another width is refused', () => {
    const error = refusal(
      resnet,
      fileOf(resnet, (state) => (state['fc.weight'] = tensor([7, 99]))),
    );
    expect(error.why).toBe('fc.weight is [7, 99], [7, 256] is needed.');
  });

  it('the head of another family is named', () => {
    const error = refusal(
      resnet,
      fileOf(resnet, (state) => (state['head.weight'] = tensor([7, 256]))),
    );
    expect(error.why).toBe('head.weight is not a parameter of resnet_micro.');
  });
});

describe('position embeddings of another grid', () => {
  const golden = new SafetensorsFile(join(import.meta.dirname, '../../golden/weights/pos_embed.safetensors'));

  it.each([
    [4, 6],
    [6, 4],
    [7, 3],
    [8, 8],
  ])('from %i to %i as timm resamples them', (from, to) => {
    const stored = golden.read(`${from}_${to}.stored`) as Float32Array;
    const resampled = golden.read(`${from}_${to}.resampled`);
    // The model has only this parameter, because only its grid matters.
    const model: Model = { ...deit, params: learnedPositions('pos_embed', to, 5).params };
    const path = join(folder, `pos_${from}_${to}.safetensors`);
    writeSafetensors(path, { pos_embed: { shape: [1, 1 + from * from, 5], data: stored } }, {});
    const { values, report } = loadTimmWeights(model, path);
    expect(report.resized).toEqual(from === to ? [] : ['pos_embed']);
    const largest = values['pos_embed']!.reduce(
      (most, value, index) => Math.max(most, Math.abs(value - resampled[index]!)),
      0,
    );
    expect(largest).toBeLessThan(1e-6);
  });

  it('starts a model of another size', () => {
    const larger = modelEntry('deit_micro').create({ ...micro, img_size: 48 });
    const { values, report } = loadTimmWeights(larger, fileOf(deit));
    expect(report).toEqual({
      loaded: larger.params.length,
      head_replaced: false,
      resized: ['pos_embed'],
      prefix: '',
      left_out: 0,
      ...NOTHING_ELSE,
    });
    expect(values['pos_embed']).toHaveLength((1 + 12 * 12) * 64);
  });

  it.each([[[1, 64, 64]], [[1, 1, 64]], [[1, 65, 32]], [[2, 65, 64]], [[65, 64]]])(
    '%j is no square grid after one token: refused',
    (shape) => {
      const larger = modelEntry('deit_micro').create({ ...micro, img_size: 48 });
      const error = refusal(
        larger,
        fileOf(deit, (state) => (state['pos_embed'] = tensor(shape))),
      );
      expect(error.why).toBe(`pos_embed is [${shape.join(', ')}], [1, 145, 64] is needed.`);
    },
  );
});

describe('a file that does not fit', () => {
  it('lists everything by name and loads nothing', () => {
    const path = fileOf(resnet, (state) => {
      delete state['bn1.running_mean'];
      state['conv1.weight'] = tensor([64, 3, 3, 3]);
      state['layer9.0.conv1.weight'] = tensor([2]);
    });
    const error = refusal(resnet, path);
    expect(error.code).toBe('weights_mismatch');
    expect(error.why).toBe(
      'conv1.weight is [64, 3, 3, 3], [64, 3, 7, 7] is needed; bn1.running_mean is missing; layer9.0.conv1.weight is not a parameter of resnet_micro.',
    );
    expect(error.next).toContain('Nothing was loaded');
  });

  it('another family: the model that it holds first, then five names', () => {
    const { why, next, message } = refusal(deit, fileOf(resnet));
    const missing = deit.params.filter(({ name }) => !name.startsWith('head'));
    expect(why).toBe(
      `It holds resnet_micro, not deit_micro: 0 of the ${deit.params.length} parameters of deit_micro are in it with their shape. ` +
        `${missing
          .slice(0, 5)
          .map(({ name }) => `${name} is missing`)
          .join('; ')}; and ${missing.length + resnet.params.length - 5} more.`,
    );
    expect(next).toBe('Choose resnet_micro, or a file of deit_micro. Nothing was loaded.');
    expect(message.length + why.length + next.length).toBeLessThan(600);
  });

  it.each([
    ['resnet50', 'resnet18'],
    ['resnet18', 'resnet50'],
  ])('a wrapped %s given for %s is called by its name', (id, other) => {
    const made = modelEntry(id).create({ ...micro, img_size: 64 });
    const path = fileOfShapes(made, 'module.');
    const wanted = modelEntry(other).create({ ...micro, img_size: 64 });
    expect(refusal(wanted, path).why).toMatch(new RegExp(`^It holds ${id}, not ${other}: \\d+ of the \\d+ parameters`));
  });

  it('a model that is none of ours is not guessed', () => {
    const path = join(folder, `${files++}.safetensors`);
    const state = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`stages.${index}.weight`, tensor([2])]));
    writeSafetensors(path, state, {});
    const { why, next } = refusal(resnet, path);
    expect(why).toMatch(
      /^Only 0 of the \d+ parameters of resnet_micro are in it with their shape\. conv1\.weight is missing;/,
    );
    expect(next).toContain('Choose the model that the file was made for');
  });

  it('a file without tensors, and one without bytes', () => {
    const [none, bytes] = [join(folder, `${files++}.safetensors`), join(folder, `${files++}.safetensors`)];
    writeSafetensors(none, {}, {});
    expect(refusal(resnet, none).why).toBe('It holds no tensor.');
    writeFileSync(bytes, '');
    expect(refusal(resnet, bytes).why).toBe('It has no bytes.');
  });

  it('values that are not finite are named', () => {
    const error = refusal(
      deit,
      fileOf(deit, (state) => {
        (state['norm.bias'] = tensor([64])).data[3] = NaN;
      }),
    );
    expect(error.why).toBe('norm.bias holds values that are not finite.');
    expect(error.next).toContain('Choose other weights');
  });

  it('says what is missing where there is no file', () => {
    expect(refusal(deit, join(folder, 'nothing.safetensors')).code).toBe('not_found');
    const empty = mkdtempSync(join(folder, 'empty-'));
    const error = refusal(deit, empty);
    expect(error.code).toBe('not_found');
    expect(error.message).toContain('holds no model.safetensors');
  });
});
