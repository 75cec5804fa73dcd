/** Trunk of a vision transformer: tokens pass the blocks and a norm, and features are pooled from them. */
import type { Encoded, Tensor } from '../../types';
import type { Encoder } from './assemble';
import { passOf, sequence, type Module, type Pass } from './module';
import { lengthOf } from './self-attention';

export interface TokenEncoderOptions {
  /** [N, S, S, 3] -> flat tokens [N * (1 + L), dim], the class token first. */
  embed: Module;
  blocks: readonly Module[];
  norm: Module;
  /** Features are the normalised mean over the patches instead of the normalised class token. */
  average?: boolean;
}

/** Splits flat tokens by image: [N * L, dim] -> [N, L, dim]. */
export function byImage(pass: Pass, x: Tensor): Tensor {
  return pass.context.tf.reshape(x, [pass.batch, lengthOf(pass, x), x.shape[1] as number]);
}

/** Returns the class token of flat tokens: [N * (1 + L), dim] -> [N, dim]. */
function classToken(pass: Pass, x: Tensor): Tensor {
  const { tf } = pass.context;
  const dim = x.shape[1] as number;
  return tf.reshape(tf.slice(byImage(pass, x), [0, 0, 0], [pass.batch, 1, dim]), [pass.batch, dim]);
}

/** Returns the patches' tokens without the class token: flat [N * (1 + L), dim] -> [N, L, dim]. */
export function patchTokens(pass: Pass, x: Tensor): Tensor {
  const { tf } = pass.context;
  return tf.slice(byImage(pass, x), [0, 1, 0], [pass.batch, lengthOf(pass, x) - 1, x.shape[1] as number]);
}

/**
 * Pools the output of the last block to features [N, dim], and returns the tokens asked for. The norm comes before
 * pooling, or after it with `average` (timm's fc_norm); tokens are then not normalised.
 */
export function pooled(pass: Pass, x: Tensor, norm: Module, average: boolean, wanted: readonly string[]): Encoded {
  const mean = (tokens: Tensor): Tensor => pass.context.tf.mean(patchTokens(pass, tokens), 1);
  const whole = wanted.some((name) => ['tokens', 'cls', 'mean'].includes(name));
  // Without requested tokens, only the class token is normalised.
  if (!average && !whole) return { features: norm.apply(pass, classToken(pass, x)), intermediates: {} };
  const tokens = average ? x : norm.apply(pass, x);
  const features = average ? norm.apply(pass, mean(x)) : classToken(pass, tokens);
  const found: Record<string, () => Tensor> = {
    tokens: () => byImage(pass, tokens),
    cls: () => classToken(pass, tokens),
    mean: () => (average ? features : mean(tokens)),
  };
  const intermediates = Object.entries(found).filter(([name]) => wanted.includes(name));
  return { features, intermediates: Object.fromEntries(intermediates.map(([name, value]) => [name, value()])) };
}

/** Describes an encoder of tokens: images [N, H, W, 3] -> features [N, dim], with its tokens as intermediates. */
export function tokenEncoder({
  embed,
  blocks,
  norm,
  average = false,
}: TokenEncoderOptions): Pick<Encoder, 'params' | 'macs' | 'intermediates' | 'encode'> {
  const trunk = sequence([embed, ...blocks]);
  const names = blocks.map((_, index) => `blocks.${index}`);
  return {
    params: [...trunk.params, ...norm.params],
    macs: (size) => trunk.macs([size, size, 3]),
    intermediates: [...names, 'tokens', 'cls', 'mean'],
    encode: (context, x, { intermediates: wanted = [], ...options }) => {
      const pass = passOf(context, x, options);
      let tokens = embed.apply(pass, x);
      const between: Record<string, Tensor> = {};
      blocks.forEach((block, index) => {
        tokens = block.apply(pass, tokens);
        const name = names[index] as string;
        if (wanted.includes(name)) between[name] = byImage(pass, tokens);
      });
      const { features, intermediates } = pooled(pass, tokens, norm, average, wanted);
      return { features, intermediates: { ...between, ...intermediates } };
    },
  };
}
