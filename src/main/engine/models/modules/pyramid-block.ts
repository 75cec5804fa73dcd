/** The block that both versions of the Pyramid Vision Transformer are made of (Wang et al., ICCV 2021; CVMJ 2022). */
import { gelu } from '../../layers/gelu';
import { zeros } from '../initializers';
import type { BranchColumns } from './drop-columns';
import { layerNorm } from './layer-norm';
import { linear } from './linear';
import { elementwise, sequence, type Module } from './module';
import { reducedAttention, type ReducedAttentionOptions } from './reduced-attention';
import { residual } from './residual';

export interface PyramidBlockOptions extends ReducedAttentionOptions {
  /** Width of the perceptron's hidden layer. */
  hidden: number;
  /** Part between the perceptron's first layer and its GELU. Default: none. */
  between?: Module;
  columns: BranchColumns;
}

/**
 * Makes a pre-norm block: attention and a perceptron, each added to its input. Flat tokens [N * L, dim] -> [N * L,
 * dim].
 */
export function pyramidBlock(name: string, options: PyramidBlockOptions): Module {
  const { dim, hidden, weight, between = sequence([]), columns } = options;
  return sequence([
    residual(sequence([layerNorm(`${name}.norm1`, dim), reducedAttention(`${name}.attn`, options)]), columns[0]),
    residual(
      sequence([
        layerNorm(`${name}.norm2`, dim),
        linear(`${name}.mlp.fc1`, { width: dim, out: hidden, weight, bias: zeros }),
        between,
        elementwise(gelu),
        linear(`${name}.mlp.fc2`, { width: hidden, out: dim, weight, bias: zeros }),
      ]),
      columns[1],
    ),
  ]);
}
