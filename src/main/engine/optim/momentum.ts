import { flag, FLOAT } from '../layers/attrs';
import type { Context, Tensor } from '../types';

/** Names of the optimizer's state that `momentumStep` keeps. */
export const MOMENTUM = ['momentum'] as const;

export interface MomentumOptions {
  momentum: number;
  nesterov: boolean;
}

/**
 * Updates a parameter by PyTorch's formula: buffer = momentum * buffer + direction. The parameter loses lr * buffer, or
 * with Nesterov's momentum lr * (direction + momentum * buffer).
 * @param lr scalar @param direction shape of the parameter
 */
export function momentumStep(
  context: Context,
  name: string,
  lr: Tensor,
  direction: Tensor,
  { momentum, nesterov }: MomentumOptions,
): void {
  const { tf } = context;
  const slot = `${name}/momentum`;
  if (context.inPlace) {
    // TensorFlow's op implements PyTorch's formula.
    const attrs = { T: FLOAT, use_locking: flag(false), use_nesterov: flag(nesterov) };
    context.inPlace('ResourceApplyMomentum', [name, slot], [lr, direction, tf.scalar(momentum)], attrs);
    return;
  }
  const value = context.variable(name);
  const buffer: Tensor = tf.add(tf.mul(context.variable(slot), momentum), direction);
  const step = nesterov ? tf.add(direction, tf.mul(buffer, momentum)) : buffer;
  context.assign(slot, buffer);
  context.assign(name, tf.sub(value, tf.mul(lr, step)));
}
