/** Weights that were saved from a wrapped model start the model itself, and the removed prefix is reported. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { modelEntry } from '../../../src/main/engine/models';
import { loadSummary, loadTimmWeights } from '../../../src/main/engine/weights/load-timm';
import { writeSafetensors, type StoredTensor } from '../../../src/main/engine/weights/safetensors';
import { timmState } from '../../../src/main/engine/weights/to-timm';
import type { AppError } from '../../../src/shared/errors';
import { refusalOf } from '../../support/refusal';
import { micro, randomValues } from './random-values';

const folder = mkdtempSync(join(tmpdir(), 'name-prefix-'));
const model = modelEntry('resnet_micro').create(micro);
const values = randomValues(model);
const state = timmState(model, values);
const one: StoredTensor = { shape: [1], data: Float32Array.of(1) };
let files = 0;

const under = (prefix: string, tensors = state): Record<string, StoredTensor> =>
  Object.fromEntries(Object.entries(tensors).map(([name, value]) => [prefix + name, value]));
const body = Object.fromEntries(Object.entries(state).filter(([name]) => !name.startsWith('fc.')));

function file(tensors: Record<string, StoredTensor>): string {
  const path = join(folder, `${files++}.safetensors`);
  writeSafetensors(path, tensors, {});
  return path;
}

const refusal = (path: string): AppError => refusalOf(() => loadTimmWeights(model, path));

describe('a prefix before every name', () => {
  it.each([
    'module.',
    'model.',
    'state_dict.',
    'module.model.',
    '_orig_mod.',
    'encoder.',
    'backbone.body.',
    'a-b_c.0.',
  ])('%s is taken off', (prefix) => {
    const { values: read, report } = loadTimmWeights(model, file(under(prefix)));
    expect(read).toEqual(values);
    expect(report).toMatchObject({ loaded: model.params.length, prefix, left_out: 0, head_replaced: false });
    expect(loadSummary(report)).toBe(`${model.params.length} parameters, the prefix ${prefix} taken off their names`);
  });

  it('with other parts beside it, and a classifier outside: both are said', () => {
    const { report } = loadTimmWeights(
      model,
      file({ ...under('backbone.', body), 'criterion.weight': one, 'predictor.0.bias': one, 'fc.weight': one }),
    );
    expect(loadSummary(report)).toBe(
      `${model.params.length - 2} parameters, the prefix backbone. taken off their names, 3 tensors outside the prefix left out, classifier replaced`,
    );
  });

  it('names that are the model’s own are left as they are', () => {
    expect(loadTimmWeights(model, file(state)).report.prefix).toBe('');
    expect(loadSummary(loadTimmWeights(model, file(state)).report)).toBe(`${model.params.length} parameters`);
  });

  it('a model and its moving average are two: none is taken by chance', () => {
    const { message, why, code } = refusal(file({ ...under('student.'), ...under('teacher.', body) }));
    expect(code).toBe('weights_mismatch');
    expect(message).toContain('holds resnet_micro more than once');
    expect(why).toBe('Its names have the prefix "student." and the prefix "teacher.".');
    for (const average of [under('ema.'), under('ema.', body)])
      expect(refusal(file({ ...state, ...average })).why).toBe('Its names have no prefix and the prefix "ema.".');
    expect(refusal(file({ ...body, ...under('ema.') })).why).toBe('Its names have the prefix "ema." and no prefix.');
  });

  it('what is missing under the prefix is named without it', () => {
    const tensors = under('module.');
    delete tensors['module.bn1.weight'];
    expect(refusal(file(tensors)).why).toBe('bn1.weight is missing.');
  });
});

describe('a file of another format is called what it is', () => {
  const zip = (...names: string[]): Buffer =>
    Buffer.from(names.map((name) => `PK\x03\x04${'\0'.repeat(26)}${name}`).join('....'), 'latin1');
  it.each([
    ['TorchScript', zip('model/data.pkl', 'model/code/__torch__.py', 'model/constants.pkl')],
    ['pickle', Buffer.from('\x80\x04\x95\x10\0\0\0\0\0\0\0}', 'latin1')],
    ['NumPy archive', zip('conv1.weight.npy')],
    ['Keras', zip('metadata.json', 'config.json', 'model.weights.h5')],
    ['ZIP', zip('readme.txt')],
    ['HDF5', Buffer.from('\x89HDF\r\n\x1a\n\0\0\0', 'latin1')],
    ['GGUF', Buffer.from('GGUF\x03\0\0\0\0\0\0\0', 'latin1')],
    ['ONNX', Buffer.from('\x08\x07\x12\x07pytorch\x1a\x051.9', 'latin1')],
    ['TensorFlow Lite', Buffer.from('\x1c\0\0\0TFL3\x14\0', 'latin1')],
    ['NumPy array', Buffer.from('\x93NUMPY\x01\0', 'latin1')],
    ['web page', Buffer.from('<!DOCTYPE html><html>404</html>')],
    ['Git LFS', Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\n')],
    ['index of weights', Buffer.from('{\n  "metadata": {}, "weight_map": {"a": "model-00001.safetensors"}}')],
    ['JSON', Buffer.from('{"architecture": "resnet18"}')],
  ])('%s', (name, bytes) => {
    const path = join(folder, `${files++}.pth`);
    writeFileSync(path, bytes);
    const error = refusal(path);
    expect(error.code).toBe('weights_mismatch');
    expect(error.message).toBe(`${path} is neither a safetensors nor a PyTorch file.`);
    expect(error.why).toContain(name);
    if (name === 'pickle') expect(error.next).toContain('save_file');
  });
});
