import type { Model } from '../types';
import { toTimm } from './layout';
import type { StoredTensor } from './safetensors';

/** Returns a model's state_dict in timm's form, with the counters that strict loading requires. */
export function timmState(model: Model, values: Record<string, Float32Array>): Record<string, StoredTensor> {
  const state: Record<string, StoredTensor> = {};
  for (const spec of model.params) {
    const value = values[spec.name];
    if (!value) throw new Error(`no value for ${spec.name}`);
    state[spec.name] = { shape: spec.timmShape, data: toTimm(spec, value) };
    if (spec.name.endsWith('.running_var'))
      state[spec.name.replace('running_var', 'num_batches_tracked')] = { shape: [], data: BigInt64Array.of(0n) };
  }
  return state;
}
