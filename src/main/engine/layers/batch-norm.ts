import type { Attr, Context, Tensor } from '../types';
import { flag, FLOAT, NHWC, real } from './attrs';

/** PyTorch's default: running = 0.9 * running + 0.1 * batch. */
const MOMENTUM = 0.1;

export interface BatchNormOptions {
  training: boolean;
  epsilon: number;
  /** Name of the layer: `<name>.weight`, `.bias`, `.running_mean`, `.running_var`. */
  name: string;
  param: (name: string) => Tensor;
}

/**
 * Batch norm of x [N, H, W, C] (Ioffe and Szegedy, 2015). In training the batch's own statistics normalise, and the running ones
 * are assigned as PyTorch does, with the unbiased variance; in evaluation the running ones normalise.
 */
export function batchNorm(context: Context, x: Tensor, { training, epsilon, name, param }: BatchNormOptions): Tensor {
  const { tf } = context;
  const [weight, bias] = [param(`${name}.weight`), param(`${name}.bias`)];
  const [mean, variance] = [`${name}.running_mean`, `${name}.running_var`];
  if (!training) return tf.batchNorm(x, param(mean) as never, param(variance) as never, bias as never, weight as never, epsilon);
  const count = x.shape.slice(0, -1).reduce((product, length) => product * length, 1);
  const batch: { mean?: Tensor; variance?: Tensor } = {};
  const value = context.raw
    ? fused(context, x, weight, bias, epsilon, batch)
    : composed(context, x, weight, bias, epsilon, batch);
  if (!batch.mean || !batch.variance) throw new Error('batch norm gave no statistics');
  // The fused op already gives the unbiased variance; the composed one the biased.
  const unbiased = context.raw ? batch.variance : tf.mul(batch.variance, count / Math.max(count - 1, 1));
  const step = (running: Tensor, now: Tensor): Tensor => tf.add(tf.mul(running, 1 - MOMENTUM), tf.mul(now, MOMENTUM));
  context.assign(mean, step(context.variable(mean), batch.mean));
  context.assign(variance, step(context.variable(variance), unbiased));
  // The fused op's statistics were kept across customGrad's own scope.
  if (context.raw) tf.dispose([batch.mean, batch.variance]);
  return value;
}

function fused(
  { tf, op }: Context,
  x: Tensor,
  weight: Tensor,
  bias: Tensor,
  epsilon: number,
  batch: { mean?: Tensor; variance?: Tensor },
): Tensor {
  const attrs: Record<string, Attr> = { T: FLOAT, U: FLOAT, epsilon: real(epsilon), data_format: NHWC, is_training: flag(true) };
  return tf.customGrad((...args: unknown[]) => {
    const [input, gain, offset, save] = args as [Tensor, Tensor, Tensor, (tensors: Tensor[]) => void];
    const none = tf.zeros([0]);
    const outputs = op('FusedBatchNormV3', [input, gain, offset, none, none], { ...attrs, exponential_avg_factor: real(1) }, 6);
    const [value, mean, variance, ...reserved] = outputs as [Tensor, Tensor, Tensor, ...Tensor[]];
    batch.mean = tf.keep(mean);
    batch.variance = tf.keep(variance);
    save([input, gain, ...reserved]);
    return {
      value,
      gradFunc: (dy: Tensor, saved: Tensor[]) => op('FusedBatchNormGradV3', [dy, ...saved], attrs, 5).slice(0, 3),
    };
  })(x, weight, bias);
}

function composed(
  { tf }: Context,
  x: Tensor,
  weight: Tensor,
  bias: Tensor,
  epsilon: number,
  batch: { mean?: Tensor; variance?: Tensor },
): Tensor {
  const axes = x.shape.slice(0, -1).map((_, axis) => axis);
  const { mean, variance } = tf.moments(x, axes);
  batch.mean = mean;
  batch.variance = variance;
  return tf.add(tf.mul(tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, epsilon))), weight), bias);
}
