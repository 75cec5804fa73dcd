import type { Info } from '../graph';
import { sizeOf } from '../../size-of';
import { attr, dim, input, one, type ShapeQuery, type ShapeTable } from './shape';

/** Returns the shape of images under a filter [height, width, channels, 1], padded alike on all sides. */
function depthwise(query: ShapeQuery): Info[] {
  const [x, filter] = [input(query, 0).shape, input(query, 1).shape];
  const [stride, padding] = [attr(query, 'stride') as number, attr(query, 'padding') as number];
  const side = (axis: number): number => Math.floor((dim(x, axis) + 2 * padding - dim(filter, axis - 1)) / stride) + 1;
  return one([dim(x, 0), side(1), side(2), dim(x, 3)], 'float32');
}

/** Returns the shape of a product with weights [..., in, out]; a gradient takes their transpose. */
const product = (query: ShapeQuery): Info[] =>
  one(
    [...input(query, 0).shape.slice(0, -1), dim(input(query, 1).shape, attr(query, 'gradient') ? -2 : -1)],
    'float32',
  );

/** Our own ops (backend/native/kernels). */
export const kernels: ShapeTable = {
  StudioGelu: (query) => [input(query, 0)],
  StudioGeluGrad: (query) => [input(query, 0)],
  StudioStarRelu: (query) => [input(query, 0)],
  StudioStarReluGrad: (query) => [input(query, 0), ...one([1], 'float32'), ...one([1], 'float32')],
  StudioScaleChannelsGrad: (query) => [input(query, 1), input(query, 2)],
  StudioPrepare: (query) => [input(query, 0)],
  StudioLowFrequencyCrop: (query) => {
    const bandwidth = attr(query, 'bandwidth') as number;
    return one([input(query, 0).shape[0] as number, bandwidth, bandwidth, 3], 'float32');
  },
  StudioColumnSum: (query) => one([dim(input(query, 0).shape, -1)], 'float32'),
  StudioAttention: (query) => {
    const [rows, columns] = input(query, 0).shape as [number, number];
    return one([rows, columns / 3], 'float32');
  },
  StudioAttentionGrad: (query) => [input(query, 0)],
  StudioCrossAttention: (query) => [input(query, 0)],
  StudioCrossAttentionGrad: (query) => [input(query, 0), input(query, 1)],
  StudioWindowAttention: (query) => {
    const [rows, columns] = input(query, 0).shape as [number, number];
    return one([rows, columns / 3], 'float32');
  },
  StudioWindowAttentionGrad: (query) => [input(query, 0), input(query, 2)],
  StudioDepthwise: depthwise,
  StudioDepthwiseGrad: (query) => [
    input(query, 1),
    input(query, 2),
    ...one([dim(input(query, 1).shape, 3)], 'float32'),
  ],
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
  StudioLinear: product,
  StudioConv: product,
  StudioWinograd: product,
  StudioLinearGrad: (query) => [input(query, 0), input(query, 1), ...one([dim(input(query, 2).shape, -1)], 'float32')],
  StudioGlobalNorm: () => one([], 'float32'),
  StudioAdamW: ({ inputs, attrs }) => inputs.slice(0, attrs['N']?.value as number),
  StudioLayerNorm: (query) => {
    const x = input(query, 0);
    const rows = one([sizeOf(x.shape) / dim(x.shape, -1)], 'float32');
    return [x, ...rows, ...rows];
  },
  StudioLayerNormGrad: (query) => {
    const width = one([dim(input(query, 1).shape, -1)], 'float32');
    return [input(query, 1), ...width, ...width];
  },
};
