/**
 * The parts of a vision transformer (Dosovitskiy et al., ICLR 2021), in timm's form and names. Tokens are flat: [N * L,
 * dim].
 */
import { gelu } from '../../layers/gelu';
import { patchEmbed as cutPatches } from '../../layers/patch-embed';
import { uniformFanIn, zeros, type Initializer } from '../initializers';
import type { BranchColumns } from './drop-columns';
import { layerNorm } from './layer-norm';
import { linear } from './linear';
import { elementwise, sequence, type Module } from './module';
import { patchParams, plain } from './params';
import { residual } from './residual';
import { selfAttention, type SelfAttentionOptions } from './self-attention';

const MLP_RATIO = 4;

export interface BlockOptions extends SelfAttentionOptions {
  /** Default: no branch is ever dropped. */
  columns?: BranchColumns;
}

export interface PreNormOptions extends Pick<BlockOptions, 'dim' | 'weight' | 'columns'> {
  /** Epsilon of both norms. */
  epsilon?: number;
}

/** Makes a pre-norm block: a token mixer and a perceptron of one hidden layer, each added to its input. */
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

/** Makes a vision transformer's block, in which all tokens attend to each other. */
export const transformerBlock = (name: string, options: BlockOptions): Module =>
  preNormBlock(name, selfAttention(`${name}.attn`, options), options);

/** Makes tokens of patches of p x p pixels, which are not yet flat: [N, S, S, 3] -> [N, (S / p)^2, dim]. */
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
    params: [...patchParams(name, { patch, width: 3, out: dim }, weight), plain(`${name}.bias`, [dim], bias)],
    shape: (input) => [tokens(input), dim],
    macs: (input) => tokens(input) * fanIn * dim,
    apply: ({ context, param }, x) => cutPatches(context, x, patch, param(`${name}.weight`), param(`${name}.bias`)),
  };
}

/**
 * Lists the layers of a vision transformer by the names of their parameters, as timm does: the norm of all tokens
 * belongs to the last block, `fc_norm` to the head.
 */
export function transformerLayers(depth: number): string[][] {
  const blocks = Array.from({ length: depth }, (_, block) => [
    `blocks.${block}`,
    ...(block === depth - 1 ? ['norm'] : []),
  ]);
  return [['cls_token', 'pos_embed', 'patch_embed'], ...blocks];
}
