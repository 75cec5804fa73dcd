/**
 * Exports a linear probe as one linear layer. Its batch norm has no parameters and, in evaluation, scales and shifts
 * each feature, so it and the linear layer after it are one linear layer. timm's models have a place for that layer
 * only.
 */
import { isHead } from '../models/is-head';
import { PROBE_EPSILON, PROBE_LINEAR, PROBE_NORM } from '../models/probed';
import type { Model, ModelEntry, ParamSpec } from '../types';
import { fromTimm, toTimm } from '../weights/layout';

interface Weights {
  model: Model;
  /** Values by timm's name, in the layouts used inside. */
  values: Record<string, Float32Array>;
}

/**
 * Folds the norm into the layer. @param w float32 [classes, dim] @param b float32 [classes] @returns the layer that
 * computes `w (x - mean) / sqrt(variance + eps) + b`
 */
export function foldedLinear(
  { w, b }: { w: Float32Array; b: Float32Array },
  { mean, variance }: { mean: Float32Array; variance: Float32Array },
): { w: Float32Array; b: Float32Array } {
  const dim = mean.length;
  const scale = Float64Array.from(variance, (value) => 1 / Math.sqrt(value + PROBE_EPSILON));
  const weight = w.map((value, at) => value * (scale[at % dim] as number));
  const shift = Float64Array.from(b, (_, row) =>
    mean.reduce((sum, value, at) => sum + (w[row * dim + at] as number) * (scale[at] as number) * value, 0),
  );
  return { w: weight, b: b.map((value, row) => value - (shift[row] as number)) };
}

/** Returns a probe as the classifier that it computes, and any other network unchanged. */
export function withoutProbe(entry: ModelEntry, { model, values }: Weights): Weights {
  const { probe, ...options } = model.options;
  if (!probe) return { model, values };
  const classifier = entry.create(options);
  const value = (name: string): Float32Array => {
    const spec = model.params.find((param) => param.name === name) as ParamSpec;
    return toTimm(spec, values[name] as Float32Array);
  };
  const { w, b } = foldedLinear(
    { w: value(`${PROBE_LINEAR}.weight`), b: value(`${PROBE_LINEAR}.bias`) },
    { mean: value(`${PROBE_NORM}.running_mean`), variance: value(`${PROBE_NORM}.running_var`) },
  );
  const taken = (spec: ParamSpec): Float32Array => {
    if (!isHead(spec.name)) return values[spec.name] as Float32Array;
    return fromTimm(spec, spec.name.endsWith('.weight') ? w : b);
  };
  return { model: classifier, values: Object.fromEntries(classifier.params.map((spec) => [spec.name, taken(spec)])) };
}
