/**
 * Attention with spatial reduction (Wang et al., Pyramid Vision Transformer, ICCV 2021, sec. 3.3): a convolution merges
 * patches of r x r tokens before keys and values are computed. q and kv are two layers, as in the authors' and timm's
 * code.
 */
import { crossAttention } from '../../layers/cross-attention';
import type { Tensor } from '../../types';
import { zeros, type Initializer } from '../initializers';
import { conv } from './conv';
import { layerNorm } from './layer-norm';
import { linear } from './linear';
import { sequence, type Module, type Pass } from './module';
import { onMap } from './on-map';

export interface ReducedAttentionOptions {
  dim: number;
  heads: number;
  /** The reduction r. With 1 there is neither convolution nor norm, and tokens need not form a map. */
  reduction: number;
  /** Initial values of the linear layers' weights; their biases start at zero. */
  weight: Initializer;
  /** Initial values of the convolution. */
  conv: { weight: Initializer; bias: Initializer };
}

/** PyTorch's default, which both versions of the network use for the norm of the reduced map. */
const EPSILON = 1e-5;

/** Makes the attention: flat tokens [N * L, dim] -> [N * L, dim]. */
export function reducedAttention(name: string, options: ReducedAttentionOptions): Module {
  const { dim, heads, reduction, weight } = options;
  const layer = (part: string, out: number): Module =>
    linear(`${name}.${part}`, { width: dim, out, weight, bias: zeros });
  const [q, kv, proj] = [layer('q', dim), layer('kv', 2 * dim), layer('proj', dim)];
  const window = { kernel: reduction, stride: reduction, padding: 0, width: dim, out: dim };
  const reduced =
    reduction > 1
      ? sequence([onMap(conv(`${name}.sr`, { ...window, ...options.conv })), layerNorm(`${name}.norm`, dim, EPSILON)])
      : sequence([]);
  const mixed = (pass: Pass, x: Tensor): Tensor =>
    crossAttention(pass.context, q.apply(pass, x), kv.apply(pass, reduced.apply(pass, x)), {
      heads,
      batch: pass.batch,
    });
  return {
    params: [q, kv, proj, reduced].flatMap(({ params }) => params),
    shape: (input) => input,
    macs: (input) => {
      const few = reduced.shape(input);
      const scores = (input[0] as number) * (few[0] as number) * dim;
      return q.macs(input) + reduced.macs(input) + kv.macs(few) + 2 * scores + proj.macs(input);
    },
    apply: (pass, x) => proj.apply(pass, mixed(pass, x)),
  };
}
