import type { ParamSpec, Tensor } from '../../types';
import type { Module } from './module';
import type { Positions } from './positions';

export interface TokenEmbeddingOptions {
  /** Embedding of the patches, see patchEmbed. */
  patches: Module;
  patch: number;
  dim: number;
  /** [1, 1, dim] */
  classToken: ParamSpec;
  positions: Positions;
}

/** Makes the class token and the patches, each with its position: [N, S, S, 3] -> flat tokens [N * (1 + L), dim]. */
export function tokenEmbedding({ patches, patch, dim, classToken, positions }: TokenEmbeddingOptions): Module {
  return {
    params: [classToken, ...positions.params, ...patches.params],
    shape: (input) => [1 + (patches.shape(input)[0] as number), dim],
    macs: patches.macs,
    apply: (pass, x) => {
      const { tf } = pass.context;
      const tokens = patches.apply(pass, x);
      const first = tf.tile(pass.param(classToken.name), [pass.batch, 1, 1]);
      const whole = tf.concat([first, tokens], 1);
      const placed: Tensor = tf.add(whole, positions.at(pass, (x.shape[1] as number) / patch));
      return tf.reshape(placed, [placed.size / dim, dim]);
    },
  };
}
