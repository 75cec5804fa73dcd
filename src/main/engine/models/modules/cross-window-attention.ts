/**
 * Cross-shaped attention (Dong et al., CSWin Transformer, CVPR 2022, sec. 3.2), in its authors' names: half of the
 * heads attend in stripes as high as the map, the other half in stripes as wide as it. The last stage attends over the
 * whole map.
 */
import { linear as product } from '../../layers/linear';
import { stripeAttention } from '../../layers/stripe-attention';
import type { Windows } from '../../layers/windows';
import type { Tensor } from '../../types';
import { normal, uniformFanIn, zeros } from '../initializers';
import { depthwise } from './depthwise';
import type { Module } from './module';
import { linearParams } from './params';
import { lengthOf } from './self-attention';

const KERNEL = 3;

export interface CrossWindowOptions {
  dim: number;
  heads: number;
  /** Returns the width in tokens of a stripe, for a map of this side; null: one branch attends over the whole map. */
  stripe: ((side: number) => number) | null;
}

/** PyTorch's initial range for the nine pixels that a channel sees. */
const init = uniformFanIn(KERNEL * KERNEL);

/** Describes the attention: flat tokens [N * L, dim] -> [N * L, dim]. @param name prefix of the parameters' names */
export function crossWindowAttention(name: string, { dim, heads, stripe }: CrossWindowOptions): Module {
  const branches = stripe ? 2 : 1;
  const width = dim / branches;
  const weight = normal(0.02);
  const encoding = (branch: number): string => `${name}.attns.${branch}.get_v`;
  const stripesOf = (branch: number, side: number): Windows => {
    const across = stripe ? stripe(side) : side;
    const [height, wide] = branch === 0 ? [side, across] : [across, side];
    return { side, height, width: wide, shift: 0 };
  };
  return {
    params: [
      ...linearParams(`${name}.qkv`, dim, 3 * dim, weight, zeros),
      ...linearParams(`${name}.proj`, dim, dim, weight, zeros),
      ...Array.from(
        { length: branches },
        (_, branch) => depthwise(encoding(branch), { kernel: KERNEL, width, weight: init, bias: init }).params,
      ).flat(),
    ],
    shape: (input) => input,
    macs: (input) => {
      const length = input[0] as number;
      const { height, width: wide } = stripesOf(0, Math.sqrt(length));
      return length * dim * (4 * dim + 2 * height * wide + KERNEL * KERNEL);
    },
    apply: (pass, x) => {
      const { context, param: value } = pass;
      const { tf } = context;
      const packed = product(context, x, value(`${name}.qkv.weight`), value(`${name}.qkv.bias`));
      const [rows, side] = [packed.shape[0] as number, Math.sqrt(lengthOf(pass, x))];
      // Each branch has a half of q, k and v.
      const halves = tf.reshape(packed, [rows, 3, branches, width]);
      const partOf = (branch: number): Tensor =>
        tf.reshape(tf.slice(halves, [0, 0, branch, 0], [rows, 3, 1, width]), [rows, 3 * width]);
      const mixed = Array.from({ length: branches }, (_, branch) =>
        stripeAttention(context, branches === 1 ? packed : partOf(branch), {
          ...{ heads: heads / branches, stripes: stripesOf(branch, side) },
          ...{ filter: value(`${encoding(branch)}.weight`), bias: value(`${encoding(branch)}.bias`) },
        }),
      );
      const joined = branches === 1 ? (mixed[0] as Tensor) : tf.concat(mixed, 1);
      return product(context, joined, value(`${name}.proj.weight`), value(`${name}.proj.bias`));
    },
  };
}
