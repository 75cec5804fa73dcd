import type { Attr, Context, Tensor } from '../types';
import { flag, FLOAT, NHWC, real } from './attrs';
import { relu } from './relu';
import { sizeOf } from '../size-of';
import { withGradient } from './with-gradient';

/** PyTorch's default: running = 0.9 * running + 0.1 * batch. */
const MOMENTUM = 0.1;

export interface BatchNormOptions {
  training: boolean;
  epsilon: number;
  /** Name of the layer: `<name>.weight`, `.bias`, `.running_mean`, `.running_var`. */
  name: string;
  param: (name: string) => Tensor;
  /** Whether a ReLU follows. Our own op applies it too. Default false. */
  relu?: boolean;
}

interface Statistics {
  mean?: Tensor;
  variance?: Tensor;
}

type Normalise = (
  context: Context,
  x: Tensor,
  weight: Tensor,
  bias: Tensor,
  epsilon: number,
  batch: Statistics,
) => Tensor;

/**
 * Applies batch norm to x [N, H, W, C] (Ioffe and Szegedy, 2015). In training it normalises with the batch's statistics
 * and updates the running ones as PyTorch does, with the unbiased variance. In evaluation it normalises with the
 * running ones.
 */
export function batchNorm(context: Context, x: Tensor, options: BatchNormOptions): Tensor {
  const { tf, kernels } = context;
  const { training, epsilon, name, param, relu: activated = false } = options;
  const [weight, bias] = [param(`${name}.weight`), param(`${name}.bias`)];
  const activate = (value: Tensor): Tensor => (activated ? relu(context, value) : value);
  if (!training) {
    const [mean, variance] = [param(`${name}.running_mean`), param(`${name}.running_var`)];
    return activate(tf.batchNorm(x, mean as never, variance as never, bias as never, weight as never, epsilon));
  }
  const batch: Statistics = {};
  const normalise = kernels ? own(activated) : context.raw ? fused : composed;
  const value = normalise(context, x, weight, bias, epsilon, batch);
  assignStatistics(context, x, name, batch);
  return kernels ? value : activate(value);
}

function assignStatistics({ tf, raw, variable, assign }: Context, x: Tensor, name: string, batch: Statistics): void {
  if (!batch.mean || !batch.variance) throw new Error('batch norm gave no statistics');
  const count = sizeOf(x.shape.slice(0, -1));
  // The fused ops return the unbiased variance, the composed one the biased.
  const unbiased = raw ? batch.variance : tf.mul(batch.variance, count / Math.max(count - 1, 1));
  const step = (running: Tensor, now: Tensor): Tensor => tf.add(tf.mul(running, 1 - MOMENTUM), tf.mul(now, MOMENTUM));
  const [mean, variance] = [`${name}.running_mean`, `${name}.running_var`];
  assign(mean, step(variable(mean), batch.mean));
  assign(variance, step(variable(variance), unbiased));
  // The statistics of the fused ops were kept beyond the gradient's own scope.
  if (raw) tf.dispose([batch.mean, batch.variance]);
}

/** Our own op makes half the passes over memory and includes the ReLU. */
function own(activated: boolean): Normalise {
  return ({ tf, op }, x, weight, bias, epsilon, batch) => {
    const attrs: Record<string, Attr> = { epsilon: real(epsilon), relu: flag(activated) };
    return withGradient(
      tf,
      [x, weight, bias],
      (input, gain, offset) => {
        const outputs = op('StudioBatchNorm', [input, gain, offset], attrs, 4);
        const [value, mean, variance, inverse] = outputs as [Tensor, Tensor, Tensor, Tensor];
        batch.mean = tf.keep(mean);
        batch.variance = tf.keep(variance);
        return { value, saved: [input, gain, offset, mean, inverse] };
      },
      (dy, saved) => op('StudioBatchNormGrad', [dy, ...saved], attrs, 3),
    );
  };
}

function fused(
  { tf, op }: Context,
  x: Tensor,
  weight: Tensor,
  bias: Tensor,
  epsilon: number,
  batch: Statistics,
): Tensor {
  const attrs: Record<string, Attr> = {
    T: FLOAT,
    U: FLOAT,
    epsilon: real(epsilon),
    data_format: NHWC,
    is_training: flag(true),
  };
  return withGradient(
    tf,
    [x, weight, bias],
    (input, gain, offset) => {
      const none = tf.zeros([0]);
      const outputs = op(
        'FusedBatchNormV3',
        [input, gain, offset, none, none],
        { ...attrs, exponential_avg_factor: real(1) },
        6,
      );
      const [value, mean, variance, ...reserved] = outputs as [Tensor, Tensor, Tensor, ...Tensor[]];
      batch.mean = tf.keep(mean);
      batch.variance = tf.keep(variance);
      return { value, saved: [input, gain, ...reserved] };
    },
    (dy, saved) => op('FusedBatchNormGradV3', [dy, ...saved], attrs, 5).slice(0, 3),
  );
}

function composed(
  { tf }: Context,
  x: Tensor,
  weight: Tensor,
  bias: Tensor,
  epsilon: number,
  batch: Statistics,
): Tensor {
  const axes = x.shape.slice(0, -1).map((_, axis) => axis);
  const { mean, variance } = tf.moments(x, axes);
  batch.mean = mean;
  batch.variance = variance;
  return tf.add(tf.mul(tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, epsilon))), weight), bias);
}
