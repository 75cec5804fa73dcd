/** Starts a model from a timm safetensors file, or from the folder of one of our exports. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../../shared/errors';
import { gridMatrix } from '../layers/position-embedding';
import type { Model, ParamSpec } from '../types';
import { fromTimm } from './layout';
import { SafetensorsFile } from './safetensors';

export interface LoadReport {
  loaded: number;
  /** The classifier was left at its initial values, because the file's has another number of classes. */
  head_replaced: boolean;
  /** Position embeddings resampled from the file's grid. */
  resized: string[];
}

const HEADS = new Set(['fc', 'head']);

const isHead = (name: string): boolean => HEADS.has(name.split('.')[0] as string);
const same = (a: readonly number[], b: readonly number[]): boolean => a.join() === b.join();

/**
 * Values by parameter name in the layouts used here; without the head's where the class count differs.
 * @throws AppError weights_mismatch listing everything that does not fit; not_found
 */
export function loadTimmWeights(model: Model, path: string): { values: Record<string, Float32Array>; report: LoadReport } {
  if (!existsSync(path)) throw new AppError({ code: 'not_found', what: `There is no file ${path}.`, why: '--init names it.', next: 'Give the path of a timm safetensors file.' });
  const file = new SafetensorsFile(statSync(path).isDirectory() ? join(path, 'model.safetensors') : path);
  const names = new Set(file.names);
  const values: Record<string, Float32Array> = {};
  const resized: string[] = [];
  const problems: string[] = [];
  const headFits = model.params.filter(({ name }) => isHead(name)).every(({ name, timmShape }) => names.has(name) && same(file.shape(name), timmShape));
  for (const spec of model.params) {
    if (isHead(spec.name) && !headFits) continue;
    if (!names.has(spec.name)) problems.push(`${spec.name} is missing`);
    else if (same(file.shape(spec.name), spec.timmShape)) values[spec.name] = fromTimm(spec, float(file, spec.name));
    else if (spec.name === 'pos_embed' && file.shape(spec.name)[2] === spec.timmShape[2]) {
      values[spec.name] = resample(float(file, spec.name), file.shape(spec.name), spec);
      resized.push(spec.name);
    } else problems.push(`${spec.name} is [${file.shape(spec.name).join(', ')}], [${spec.timmShape.join(', ')}] is needed`);
  }
  const known = new Set(model.params.map(({ name }) => name));
  // PyTorch counts batches for norms without a momentum; it plays no part here.
  for (const name of names) if (!known.has(name) && !name.endsWith('num_batches_tracked') && !isHead(name)) problems.push(`${name} is not a parameter of ${model.id}`);
  if (problems.length) {
    throw new AppError({ code: 'weights_mismatch', what: `${path} does not fit ${model.id}.`, why: `${problems.join('; ')}.`, next: 'Choose the model that the file was made for. Nothing was loaded.' });
  }
  return { values, report: { loaded: Object.keys(values).length, head_replaced: !headFits, resized } };
}

const float = (file: SafetensorsFile, name: string): Float32Array => Float32Array.from(file.read(name));

/** timm's resample_abs_pos_embed on the host: [1, 1 + a * a, dim] -> [1, 1 + b * b, dim]. */
function resample(values: Float32Array, shape: readonly number[], spec: ParamSpec): Float32Array {
  const dim = shape[2] as number;
  const [from, to] = [Math.sqrt((shape[1] as number) - 1), Math.sqrt((spec.timmShape[1] as number) - 1)];
  const matrix = gridMatrix(from, to);
  const out = new Float32Array((1 + to * to) * dim);
  out.set(values.subarray(0, dim));
  for (let row = 0; row < to * to; row++) {
    for (let source = 0; source < from * from; source++) {
      const weight = matrix[row * from * from + source] as number;
      if (weight === 0) continue;
      for (let c = 0; c < dim; c++) out[(1 + row) * dim + c] = (out[(1 + row) * dim + c] as number) + weight * (values[(1 + source) * dim + c] as number);
    }
  }
  return out;
}
