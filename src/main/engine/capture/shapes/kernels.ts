import type { Info } from '../graph';
import { attr, dim, input, one, size, type ShapeQuery, type ShapeTable } from './shape';

/** [N, heads, L, d] */
function headsOf(query: ShapeQuery): { batch: number; heads: number; length: number; width: number } {
  const [batch, heads, length, width] = input(query, 0).shape as [number, number, number, number];
  return { batch, heads, length, width };
}

/** Rows [N * L, parts * heads * d] as [N, heads, L, d]. */
function byHead(query: ShapeQuery, parts: number): Info[] {
  const [rows, columns] = input(query, 0).shape as [number, number];
  const [heads, length] = [attr(query, 'heads') as number, attr(query, 'length') as number];
  return one([rows / length, heads, length, columns / parts / heads], 'float32');
}

/** Our own ops (backend/native/kernels). */
export const kernels: ShapeTable = {
  StudioGelu: (query) => [input(query, 0)],
  StudioGeluGrad: (query) => [input(query, 0)],
  StudioSoftmaxGrad: (query) => [input(query, 0)],
  StudioPrepare: (query) => [input(query, 0)],
  StudioLowFrequencyCrop: (query) => {
    const bandwidth = attr(query, 'bandwidth') as number;
    return one([input(query, 0).shape[0] as number, bandwidth, bandwidth, 3], 'float32');
  },
  StudioColumnSum: (query) => one([dim(input(query, 0).shape, -1)], 'float32'),
  StudioSplitHeads: (query) => {
    const part = byHead(query, 3);
    return [...part, ...part, ...part];
  },
  StudioSplitHeadsGrad: (query) => {
    const { batch, heads, length, width } = headsOf(query);
    return one([batch * length, 3 * heads * width], 'float32');
  },
  StudioMergeHeads: (query) => {
    const { batch, heads, length, width } = headsOf(query);
    return one([batch * length, heads * width], 'float32');
  },
  StudioMergeHeadsGrad: (query) => byHead(query, 1),
  StudioBatchNorm: (query) => {
    const x = input(query, 0);
    const width = one([dim(x.shape, -1)], 'float32');
    return [x, ...width, ...width, ...width];
  },
  StudioBatchNormGrad: (query) => {
    const width = one([dim(input(query, 1).shape, -1)], 'float32');
    return [input(query, 1), ...width, ...width];
  },
  StudioConvWeightGrad: (query) => {
    const [height, width] = [attr(query, 'height') as number, attr(query, 'width') as number];
    return one([height, width, dim(input(query, 0).shape, 3), dim(input(query, 1).shape, 3)], 'float32');
  },
  StudioGlobalNorm: () => one([], 'float32'),
  StudioAdamW: ({ inputs, attrs }) => inputs.slice(0, attrs['N']?.value as number),
  StudioLayerNorm: (query) => {
    const x = input(query, 0);
    const rows = one([size(x.shape) / dim(x.shape, -1)], 'float32');
    return [x, ...rows, ...rows];
  },
  StudioLayerNormGrad: (query) => {
    const width = one([dim(input(query, 1).shape, -1)], 'float32');
    return [input(query, 1), ...width, ...width];
  },
};
