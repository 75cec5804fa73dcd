/**
 * The parts of a vision transformer (Dosovitskiy et al., ICLR 2021), in timm's form and names. Tokens are flat: [N * L,
 * dim].
 */
import { attention } from '../../layers/attention';
import { dropPath } from '../../layers/drop-path';
import { gelu } from '../../layers/gelu';
import { patchEmbed as cutPatches } from '../../layers/patch-embed';
import { uniformFanIn, zeros, type Initializer } from '../initializers';
import { layerNorm } from './layer-norm';
import { linear } from './linear';
import { elementwise, sequence, type Module, type Pass } from './module';
import { linearParams, patchParams } from './params';
import type { Tensor } from '../../types';

const MLP_RATIO = 4;

export interface BlockOptions {
  dim: number;
  heads: number;
  /** First values of a weight of this width and output; biases are zero. */
  weight: (width: number, out: number) => Initializer;
  /** Columns of `keep` for the two branches; null where a branch is never dropped. */
  columns?: readonly [number | null, number | null];
}

/** Tokens of one image, from flat ones. */
export const lengthOf = ({ batch }: Pass, x: Tensor): number => (x.shape[0] as number) / batch;

/** Multi-head self-attention with q, k and v packed in one product. */
function selfAttention(name: string, { dim, heads, weight }: BlockOptions): Module {
  return {
    params: [
      ...linearParams(`${name}.qkv`, dim, 3 * dim, weight(dim, 3 * dim), zeros),
      ...linearParams(`${name}.proj`, dim, dim, weight(dim, dim), zeros),
    ],
    shape: (input) => input,
    macs: (input) => {
      const length = input[0] as number;
      return length * dim * dim * 4 + 2 * length * length * dim;
    },
    apply: (pass, x) => {
      const { context, batch, param } = pass;
      return attention(context, x, { heads, batch, length: lengthOf(pass, x), name, param });
    },
  };
}

/** x + branch(x), where the branch of a whole image may be dropped. */
function residual(branch: Module, column: number | null): Module {
  const dropped = ({ context, batch, keep }: Pass, x: Tensor): Tensor => {
    if (!keep || column === null) return x;
    const { tf } = context;
    return tf.reshape(dropPath(context, tf.reshape(x, [batch, x.size / batch]), keep, column), x.shape);
  };
  return {
    ...branch,
    apply: (pass, x) => pass.context.tf.add(x, dropped(pass, branch.apply(pass, x))),
  };
}

export interface PreNormOptions extends Pick<BlockOptions, 'dim' | 'weight' | 'columns'> {
  /** Of both norms. */
  epsilon?: number;
}

/** A pre-norm block: what mixes tokens, and a perceptron of one hidden layer, each added to what came in. */
export function preNormBlock(name: string, mixer: Module, options: PreNormOptions): Module {
  const { dim, weight, columns = [null, null], epsilon } = options;
  const hidden = MLP_RATIO * dim;
  return sequence([
    residual(sequence([layerNorm(`${name}.norm1`, dim, epsilon), mixer]), columns[0]),
    residual(
      sequence([
        layerNorm(`${name}.norm2`, dim, epsilon),
        linear(`${name}.mlp.fc1`, { width: dim, out: hidden, weight: weight(dim, hidden), bias: zeros }),
        elementwise(gelu),
        linear(`${name}.mlp.fc2`, { width: hidden, out: dim, weight: weight(hidden, dim), bias: zeros }),
      ]),
      columns[1],
    ),
  ]);
}

/** A vision transformer's block, whose tokens all attend to each other. */
export const transformerBlock = (name: string, options: BlockOptions): Module =>
  preNormBlock(name, selfAttention(`${name}.attn`, options), options);

/** Patches of p x p pixels as tokens that are not yet flat: [N, S, S, 3] -> [N, (S / p)^2, dim]. */
export function patchEmbed(
  name: string,
  patch: number,
  dim: number,
  init: { weight: Initializer; bias: Initializer } | null = null,
): Module {
  const fanIn = patch * patch * 3;
  const { weight, bias } = init ?? { weight: uniformFanIn(fanIn), bias: uniformFanIn(fanIn) };
  const tokens = ([side]: readonly number[]): number => ((side as number) / patch) ** 2;
  return {
    params: patchParams(name, patch, dim, weight, bias),
    shape: (input) => [tokens(input), dim],
    macs: (input) => tokens(input) * fanIn * dim,
    apply: ({ context, param }, x) => cutPatches(context, x, patch, param(`${name}.weight`), param(`${name}.bias`)),
  };
}

/**
 * Layers of a vision transformer by the names of their parameters, as timm's: the norm of all tokens belongs to the last
 * block, `fc_norm` to the head.
 */
export function transformerLayers(depth: number): string[][] {
  const blocks = Array.from({ length: depth }, (_, block) => [`blocks.${block}`, ...(block === depth - 1 ? ['norm'] : [])]);
  return [['cls_token', 'pos_embed', 'patch_embed'], ...blocks];
}
