/**
 * SGD with momentum, optionally Nesterov's (Sutskever et al., ICML 2013), by PyTorch's formula. The decay is L2:
 * weight_decay * value is added to the gradient.
 */
import type { Tensor } from '../types';
import { MOMENTUM, momentumStep, type MomentumOptions } from './momentum';
import { gradientOf, scaled, type Optimizer } from './optimizer';

export interface SgdOptions extends MomentumOptions {
  weight_decay: number;
}

/** Makes the optimizer. Its slot `momentum` has the parameter's shape. */
export function sgd({ weight_decay, ...options }: SgdOptions): Optimizer {
  return {
    slots: MOMENTUM,
    update(context, params, update, { lr }) {
      const { tf } = context;
      const gradients = scaled(context, update);
      for (const { name, decay } of params) {
        const value = context.variable(name);
        const plain = gradientOf(gradients, name);
        const gradient: Tensor = decay && weight_decay > 0 ? tf.add(plain, tf.mul(value, weight_decay)) : plain;
        momentumStep(context, name, lr, gradient, options);
      }
      return new Set();
    },
  };
}
