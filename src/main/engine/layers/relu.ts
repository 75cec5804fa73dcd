import type { Context, Tensor } from '../types';
import { FLOAT } from './attrs';

/** max(x, 0), with the gradient as one op: tfjs composes it from three. */
export function relu({ tf, raw, op }: Context, x: Tensor): Tensor {
  if (!raw) return tf.relu(x);
  return tf.customGrad((...args: unknown[]) => {
    const [input, save] = args as [Tensor, (tensors: Tensor[]) => void];
    const value = tf.relu(input);
    save([value]);
    return {
      value,
      gradFunc: (dy: Tensor, saved: Tensor[]) => op('ReluGrad', [dy, saved[0] as Tensor], { T: FLOAT })[0] as Tensor,
    };
  })(x);
}
