/**
 * A position embedding for the tokens of a square grid. It is stored for the run's final size and resampled bilinearly
 * for the grid of a stage, as PVT's authors do in every pass (Wang et al., ICCV 2021).
 */
import { bilinearMap, resampledMap } from '../../layers/bilinear-map';
import type { ParamSpec, Tensor } from '../../types';
import { normal } from '../initializers';
import type { Module, Pass } from './module';
import { plain } from './params';
import { lengthOf } from './self-attention';

export interface GridPositionsOptions {
  /** Number of tokens along one side of the stored grid. */
  side: number;
  dim: number;
  /** Whether a class token comes first, whose position is never resampled. */
  classToken: boolean;
}

export interface GridPositions {
  /** [1, side^2, dim], or [1, 1 + side^2, dim] with a class token. Weight decay acts on it, as in the authors' code. */
  param: ParamSpec;
  /** Adds its position to each token: flat tokens [N * L, dim] -> [N * L, dim]. It has no parameters of its own. */
  added: Module;
}

/** Describes the embedding. @param name of the parameter */
export function gridPositions(name: string, options: GridPositionsOptions): GridPositions {
  const { side, dim, classToken } = options;
  const first = classToken ? 1 : 0;
  return {
    param: plain(name, [1, first + side * side, dim], normal(0.02), {
      decay: true,
      resampled: (values, shape) => fromOtherGrid(values, shape, options),
    }),
    added: {
      params: [],
      shape: (input) => input,
      macs: () => 0,
      apply: (pass, x) => {
        const { tf } = pass.context;
        const length = lengthOf(pass, x);
        const positions = tf.reshape(resampled(pass, pass.param(name), Math.sqrt(length - first), options), [
          1,
          length,
          dim,
        ]);
        return tf.reshape(tf.add(tf.reshape(x, [pass.batch, length, dim]), positions), x.shape);
      },
    },
  };
}

/** Resamples a stored table: [1, first + side^2, dim] -> [first + to^2, dim]. */
function resampled(
  { context }: Pass,
  stored: Tensor,
  to: number,
  { side, dim, classToken }: GridPositionsOptions,
): Tensor {
  const { tf } = context;
  const rows = tf.reshape(stored, [stored.size / dim, dim]);
  if (to === side) return rows;
  if (!classToken) return bilinearMap(context, rows, side, to);
  const grid = bilinearMap(context, tf.slice(rows, [1, 0], [side * side, dim]), side, to);
  return tf.concat([tf.slice(rows, [0, 0], [1, dim]), grid], 0);
}

/** Resamples a file's table of another square grid; null where its grid is not square. */
function fromOtherGrid(
  values: Float32Array,
  shape: readonly number[],
  { side, dim, classToken }: GridPositionsOptions,
): Float32Array | null {
  const first = classToken ? 1 : 0;
  const own = Math.sqrt((shape[1] ?? 0) - first);
  if (shape.length !== 3 || shape[0] !== 1 || shape[2] !== dim || !(own >= 1) || !Number.isInteger(own)) return null;
  const out = new Float32Array((first + side * side) * dim);
  out.set(values.subarray(0, first * dim));
  out.set(resampledMap(values.subarray(first * dim), own, side, dim), first * dim);
  return out;
}
