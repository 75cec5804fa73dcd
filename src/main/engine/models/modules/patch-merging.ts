import { permuteTokens } from '../../layers/permute-tokens';
import { normal } from '../initializers';
import { layerNorm } from './layer-norm';
import { linear } from './linear';
import { sequence, type Module } from './module';
import { lengthOf } from './self-attention';

/**
 * Returns the order of a square map's tokens two by two. Of each four, the left ones come first, the upper before the
 * lower.
 */
function byFour(side: number): Int32Array {
  const order = new Int32Array(side * side);
  let at = 0;
  for (let top = 0; top < side; top += 2)
    for (let left = 0; left < side; left += 2)
      for (const [row, column] of [
        [top, left],
        [top + 1, left],
        [top, left + 1],
        [top + 1, left + 1],
      ] as const)
        order[at++] = row * side + column;
  return order;
}

/**
 * Merges four neighbours to one token of twice the width (Liu et al., Swin Transformer, ICCV 2021, sec. 3.1), in timm's
 * names: flat tokens [N * L, width] of a square map -> [N * L / 4, 2 * width].
 */
export function patchMerging(name: string, width: number, epsilon: number): Module {
  const gathered: Module = {
    params: [],
    shape: ([length]) => [(length as number) / 4, 4 * width],
    macs: () => 0,
    apply: (pass, x) => {
      const { tf } = pass.context;
      const length = lengthOf(pass, x);
      const tokens = permuteTokens(pass.context, tf.reshape(x, [pass.batch, length, width]), byFour(Math.sqrt(length)));
      return tf.reshape(tokens, [(pass.batch * length) / 4, 4 * width]);
    },
  };
  return sequence([
    gathered,
    layerNorm(`${name}.norm`, 4 * width, epsilon),
    linear(`${name}.reduction`, { width: 4 * width, out: 2 * width, weight: normal(0.02), bias: null }),
  ]);
}
