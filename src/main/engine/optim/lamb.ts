/**
 * LAMB (You et al., ICLR 2020, algorithm 2) as timm computes it: Adam's direction with bias correction, plus the decay,
 * scaled by the norm of the parameter over the norm of that sum.
 */
import { flag, FLOAT } from '../layers/attrs';
import type { Tensor } from '../types';
import { MOMENTS, updateMoments } from './moments';
import { gradientOf, scaled, type Optimizer } from './optimizer';
import { normOf, trustRatio } from './trust-ratio';

export interface LambOptions {
  /** Decay rates of the averages of the gradient and of its square. */
  betas: readonly [number, number];
  /** Added to the square root of the corrected average; 1e-6 in the paper and in timm. */
  eps: number;
  /** A parameter without decay is not scaled either, so at 0 this is Adam. */
  weight_decay: number;
}

/** Makes the optimizer. Its slots `m` and `v` have the parameter's shape. */
export function lamb({ betas, eps, weight_decay }: LambOptions): Optimizer {
  return {
    slots: MOMENTS,
    update(context, params, update, { lr, correction1, correction2 }) {
      const { tf } = context;
      const gradients = scaled(context, update);
      for (const { name, decay } of params) {
        const { m, v } = updateMoments(context, name, gradientOf(gradients, name), betas);
        const adam: Tensor = tf.div(tf.div(m, correction1), tf.add(tf.sqrt(tf.div(v, correction2)), eps));
        const value = context.variable(name);
        let [direction, rate] = [adam, lr];
        if (decay && weight_decay > 0) {
          direction = tf.add(adam, tf.mul(value, weight_decay));
          const [valueNorm, directionNorm] = [normOf(context, value), normOf(context, direction)];
          rate = tf.mul(lr, trustRatio(context, valueNorm, directionNorm, tf.div(valueNorm, directionNorm)));
        }
        if (context.inPlace) {
          const attrs = { T: FLOAT, use_locking: flag(false) };
          context.inPlace('ResourceApplyGradientDescent', [name], [rate, direction], attrs);
        } else context.assign(name, tf.sub(value, tf.mul(direction, rate)));
      }
      return new Set();
    },
  };
}
