import { attention } from '../../layers/attention';
import { zeros, type Initializer } from '../initializers';
import type { Module, Pass } from './module';
import { linearParams } from './params';
import type { Tensor } from '../../types';

export interface SelfAttentionOptions {
  dim: number;
  heads: number;
  /** Initial values of a weight of this width and output; biases start at zero. */
  weight: (width: number, out: number) => Initializer;
  /** Whether the two linear layers have a bias. Default true. */
  bias?: boolean;
}

/** Returns the number of tokens of one image, from flat tokens. */
export const lengthOf = ({ batch }: Pass, x: Tensor): number => (x.shape[0] as number) / batch;

/** Makes multi-head self-attention with q, k and v packed in one product: flat tokens [N * L, dim] -> [N * L, dim]. */
export function selfAttention(name: string, { dim, heads, weight, bias = true }: SelfAttentionOptions): Module {
  const offset = bias ? zeros : null;
  return {
    params: [
      ...linearParams(`${name}.qkv`, dim, 3 * dim, weight(dim, 3 * dim), offset),
      ...linearParams(`${name}.proj`, dim, dim, weight(dim, dim), offset),
    ],
    shape: (input) => input,
    macs: (input) => {
      const length = input[0] as number;
      return length * dim * dim * 4 + 2 * length * length * dim;
    },
    apply: (pass, x) => {
      const { context, batch, param } = pass;
      return attention(context, x, { heads, batch, length: lengthOf(pass, x), name, bias, param });
    },
  };
}
