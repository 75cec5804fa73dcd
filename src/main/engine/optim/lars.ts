/**
 * LARS (You, Gitman and Ginsburg, arXiv 1708.03888, algorithm 1): SGD with momentum whose gradient is scaled for each
 * parameter by trust_coefficient * |value| / (|gradient| + weight_decay * |value| + eps), as timm computes it. As in
 * the linear probes of MAE (He et al., CVPR 2022, appendix A.1), a parameter of at most one dimension is neither scaled
 * nor decayed.
 */
import type { Tensor } from '../types';
import { MOMENTUM, momentumStep } from './momentum';
import { gradientOf, scaled, type Optimizer } from './optimizer';
import { normOf, trustRatio } from './trust-ratio';

export interface LarsOptions {
  momentum: number;
  weight_decay: number;
  /** Norm of a step without momentum over the norm of the parameter, at a learning rate of 1. */
  trust_coefficient: number;
  /** Added to the gradient's norm. */
  eps: number;
}

/** Makes the optimizer. Its slot `momentum` has the parameter's shape. */
export function lars({ momentum, weight_decay, trust_coefficient, eps }: LarsOptions): Optimizer {
  return {
    slots: MOMENTUM,
    update(context, params, update, { lr }) {
      const { tf } = context;
      const gradients = scaled(context, update);
      for (const { name, shape, decay } of params) {
        let direction = gradientOf(gradients, name);
        if (shape.length > 1) {
          const value = context.variable(name);
          const [valueNorm, gradientNorm] = [normOf(context, value), normOf(context, direction)];
          const own = decay ? weight_decay : 0;
          const sum: Tensor = tf.add(tf.add(gradientNorm, tf.mul(valueNorm, own)), eps);
          const ratio = tf.div(tf.mul(valueNorm, trust_coefficient), sum);
          if (own > 0) direction = tf.add(direction, tf.mul(value, own));
          direction = tf.mul(direction, trustRatio(context, valueNorm, gradientNorm, ratio));
        }
        momentumStep(context, name, lr, direction, { momentum, nesterov: false });
      }
      return new Set();
    },
  };
}
