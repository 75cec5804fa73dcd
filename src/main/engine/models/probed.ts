/**
 * A linear probe on an encoder that is not trained: batch norm without parameters, then a linear layer (He et al., CVPR
 * 2022, appendix A.1). The names are those that its authors' `Sequential(BatchNorm1d, Linear)` gives: `head.0` and
 * `head.1`.
 */
import { batchNorm } from '../layers/batch-norm';
import type { Context, Model, ModelOptions, Tensor } from '../types';
import { normal, ones, zeros } from './initializers';
import { linear } from './modules/linear';
import { plain } from './modules/params';

export const PROBE_NORM = 'head.0';
export const PROBE_LINEAR = 'head.1';
/** Epsilon of the probe's norm, which is not PyTorch's default. */
export const PROBE_EPSILON = 1e-6;

/**
 * Standardises features [N, dim] -> [N, dim] to mean 0 and variance 1 each: by the batch's statistics in training, else
 * by the running ones.
 */
function standardised(context: Context, features: Tensor, training: boolean, param: (name: string) => Tensor): Tensor {
  const { tf } = context;
  const [batch, dim] = features.shape as [number, number];
  const fixed = (name: string): Tensor =>
    name === `${PROBE_NORM}.weight` ? tf.ones([dim]) : name === `${PROBE_NORM}.bias` ? tf.zeros([dim]) : param(name);
  const map = tf.reshape(features, [batch, 1, 1, dim]);
  return tf.reshape(batchNorm(context, map, { training, epsilon: PROBE_EPSILON, name: PROBE_NORM, param: fixed }), [
    batch,
    dim,
  ]);
}

/** Puts a linear probe on an encoder. @param encoder without classes; its parameters are constants of the training */
export function probed(encoder: Model, options: ModelOptions): Model {
  const { num_classes: classes } = options;
  const dim = encoder.numFeatures;
  const layer = linear(PROBE_LINEAR, { width: dim, out: classes, weight: normal(0.01), bias: zeros });
  const head: Model['head'] = (context, features, { training, param = context.variable }) => {
    const x = standardised(context, features, training, param);
    return layer.apply({ context, training, batch: x.shape[0] as number, keep: undefined, param }, x);
  };
  return {
    ...encoder,
    options,
    dropPaths: [],
    params: [
      ...encoder.params.map((param) => ({ ...param, trainable: false })),
      plain(`${PROBE_NORM}.running_mean`, [dim], zeros, { trainable: false }),
      plain(`${PROBE_NORM}.running_var`, [dim], ones, { trainable: false }),
      ...layer.params,
    ],
    macs: (size) => encoder.macs(size) + layer.macs([dim]),
    // A frozen encoder works as in evaluation: its batch norms and stochastic depth do not train either.
    encode: (context, x, passOptions) => encoder.encode(context, x, { ...passOptions, training: false }),
    head,
    forward: (context, x, passOptions) =>
      head(context, encoder.encode(context, x, { ...passOptions, training: false }).features, passOptions),
  };
}
