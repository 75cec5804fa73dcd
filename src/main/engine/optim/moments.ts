import { flag, FLOAT } from '../layers/attrs';
import type { Context, Tensor } from '../types';

/** Names of the optimizer's state that `updateMoments` keeps. */
export const MOMENTS = ['m', 'v'] as const;

/**
 * Updates the exponential averages of a parameter's gradient and of its square:
 * m = beta1 * m + (1 - beta1) * gradient, v = beta2 * v + (1 - beta2) * gradient^2.
 * @param gradient shape of the parameter @returns the updated averages, shape of the parameter
 */
export function updateMoments(
  context: Context,
  name: string,
  gradient: Tensor,
  [beta1, beta2]: readonly [number, number],
): { m: Tensor; v: Tensor } {
  const { tf } = context;
  const [m, v] = [`${name}/m`, `${name}/v`];
  if (context.inPlace) {
    // TensorFlow's Adam with a learning rate of zero leaves the parameter unchanged and overwrites both averages.
    const scalars = [tf.scalar(0), tf.scalar(0), tf.scalar(0), tf.scalar(beta1), tf.scalar(beta2), tf.scalar(1)];
    const attrs = { T: FLOAT, use_locking: flag(false), use_nesterov: flag(false) };
    context.inPlace('ResourceApplyAdam', [name, m, v], [...scalars, gradient], attrs);
  } else {
    context.assign(m, tf.add(tf.mul(context.variable(m), beta1), tf.mul(gradient, 1 - beta1)));
    context.assign(v, tf.add(tf.mul(context.variable(v), beta2), tf.mul(tf.square(gradient), 1 - beta2)));
  }
  return { m: context.variable(m), v: context.variable(v) };
}
