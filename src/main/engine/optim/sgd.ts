/**
 * SGD with momentum by PyTorch's formula: buffer = momentum * buffer + (gradient + decay * value), optionally Nesterov; L2 decay
 * is part of the gradient.
 */
import { flag, FLOAT } from '../layers/attrs';
import type { Tensor } from '../types';
import { gradientOf, scaled, type Optimizer } from './optimizer';

export interface SgdOptions {
  momentum: number;
  nesterov: boolean;
  weight_decay: number;
}

export function sgd({ momentum, nesterov, weight_decay }: SgdOptions): Optimizer {
  return {
    slots: ['momentum'],
    update(context, params, update, { lr }) {
      const { tf } = context;
      const gradients = scaled(context, update);
      for (const { name, decay } of params) {
        const value = context.variable(name);
        const plain = gradientOf(gradients, name);
        const gradient: Tensor = decay && weight_decay > 0 ? tf.add(plain, tf.mul(value, weight_decay)) : plain;
        const slot = `${name}/momentum`;
        if (context.inPlace) {
          // accum = momentum * accum + gradient; value -= lr * (accum, or gradient + momentum * accum): TensorFlow's op is
          // PyTorch's formula.
          const attrs = { T: FLOAT, use_locking: flag(false), use_nesterov: flag(nesterov) };
          context.inPlace('ResourceApplyMomentum', [name, slot], [lr, gradient, tf.scalar(momentum)], attrs);
          continue;
        }
        const buffer: Tensor = tf.add(tf.mul(context.variable(slot), momentum), gradient);
        const direction = nesterov ? tf.add(gradient, tf.mul(buffer, momentum)) : buffer;
        context.assign(slot, buffer);
        context.assign(name, tf.sub(value, tf.mul(lr, direction)));
      }
      return new Set();
    },
  };
}
