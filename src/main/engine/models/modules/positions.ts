/** Position embeddings of a vision transformer's patches and class token, stored for the final grid. */
import { positionEmbedding, resampledEmbedding } from '../../layers/position-embedding';
import { sinCosPositions } from '../../layers/sin-cos-positions';
import type { ParamSpec, Tensor } from '../../types';
import { normal } from '../initializers';
import type { Pass } from './module';
import { plain, type ParamOptions } from './params';

export interface Positions {
  readonly params: readonly ParamSpec[];
  /** Returns the positions [1, 1 + side^2, dim] for a grid of side x side patches. */
  at(pass: Pass, side: number): Tensor;
}

/** Returns the side of a square grid by the shape [1, 1 + side^2, dim] of its table; null of any other shape. */
function sideOf(shape: readonly number[], dim: number): number | null {
  const side = Math.sqrt((shape[1] ?? 0) - 1);
  const fits = shape.length === 3 && shape[0] === 1 && shape[2] === dim && side >= 1 && Number.isInteger(side);
  return fits ? side : null;
}

/** Resamples a table of another square grid, whose first row is the class token's, to this grid. */
const fromOtherGrids = (stored: number, dim: number): Pick<ParamOptions, 'resampled'> => ({
  resampled: (values, shape) => {
    const side = sideOf(shape, dim);
    return side === null ? null : resampledEmbedding(values, side, stored, dim);
  },
});

/** Computes the positions of this grid in place of another square grid's. */
const recounted = (stored: number, dim: number): Pick<ParamOptions, 'resampled'> => ({
  resampled: (_, shape) => (sideOf(shape, dim) === null ? null : sinCosPositions(stored, dim)),
});

/** Makes positions that are trained for the stored grid and resampled for others. */
export const learnedPositions = (name: string, stored: number, dim: number): Positions => ({
  params: [plain(name, [1, stored * stored + 1, dim], normal(0.02), fromOtherGrids(stored, dim))],
  at: ({ context, param }, side) => positionEmbedding(context, param(name), stored, side),
});

/**
 * Makes fixed positions of sines and cosines. For another grid than the stored one they are resampled from it
 * ('resample': a place in the image keeps its position) or computed for that grid ('recount': neighbours keep their
 * distance). The same holds for a table that is read of weights for another size.
 */
export const fixedPositions = (name: string, stored: number, dim: number, mode: 'recount' | 'resample'): Positions => ({
  params: [
    plain(name, [1, stored * stored + 1, dim], () => sinCosPositions(stored, dim), {
      trainable: false,
      ...(mode === 'recount' ? recounted : fromOtherGrids)(stored, dim),
    }),
  ],
  at: ({ context, param }, side) => {
    if (side === stored || mode === 'resample') return positionEmbedding(context, param(name), stored, side);
    return context.constant(sinCosPositions(side, dim), [1, side * side + 1, dim], 'float32');
  },
});
