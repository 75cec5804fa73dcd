import type { Info } from '../graph';
import { attr, dim, input, ints, one, sameFor, type ShapeQuery, type ShapeTable } from './shape';

/** Returns the length of an output axis; explicit_paddings lists [before, after] for every axis in the data's order. */
function windowed(query: ShapeQuery, length: number, kernel: number, axis: number): number {
  const stride = dim(ints(query, 'strides'), axis);
  const dilations = query.attrs['dilations'] ? ints(query, 'dilations') : [1, 1, 1, 1];
  const reach = (kernel - 1) * dim(dilations, axis) + 1;
  const padding = attr(query, 'padding') as string;
  if (padding === 'SAME') return Math.ceil(length / stride);
  const explicit = padding === 'EXPLICIT' ? ints(query, 'explicit_paddings') : [];
  const around = (explicit[2 * axis] ?? 0) + (explicit[2 * axis + 1] ?? 0);
  return Math.floor((length + around - reach) / stride) + 1;
}

function refuseNchw(query: ShapeQuery): void {
  if (query.attrs['data_format'] && attr(query, 'data_format') !== 'NHWC')
    throw new Error(`${query.op}: only NHWC is handled by capture`);
}

function conv2d(query: ShapeQuery): Info[] {
  refuseNchw(query);
  const [x, filter] = [input(query, 0), input(query, 1)];
  const channels = query.op === 'Conv2D' ? dim(filter.shape, 3) : dim(filter.shape, 2) * dim(filter.shape, 3);
  const out = [1, 2].map((axis) => windowed(query, dim(x.shape, axis), dim(filter.shape, axis - 1), axis));
  return one([dim(x.shape, 0), ...out, channels], x.dtype);
}

function pool(query: ShapeQuery): Info[] {
  refuseNchw(query);
  const x = input(query, 0);
  const kernel = ints(query, 'ksize');
  const out = [1, 2].map((axis) => windowed(query, dim(x.shape, axis), dim(kernel, axis), axis));
  return one([dim(x.shape, 0), ...out, dim(x.shape, 3)], x.dtype);
}

/**
 * Returns value, batch mean, batch variance and three reserves for the gradient. TensorFlow leaves the last reserve
 * empty on the CPU: [0].
 */
function fusedBatchNorm(query: ShapeQuery): Info[] {
  const x = input(query, 0);
  const channels: Info = { shape: [dim(x.shape, 3)], dtype: 'float32' };
  const outputs = [x, channels, channels, channels, channels];
  return query.op === 'FusedBatchNormV3' ? [...outputs, { shape: [0], dtype: 'float32' }] : outputs;
}

function fusedBatchNormGrad(query: ShapeQuery): Info[] {
  const x = input(query, 1);
  const channels: Info = { shape: [dim(x.shape, 3)], dtype: 'float32' };
  // The last two are gradients that no input has; TensorFlow leaves them as scalars.
  return [x, channels, channels, { shape: [], dtype: 'float32' }, { shape: [], dtype: 'float32' }];
}

/** Convolutions, pooling and batch norm, NHWC. */
export const convolutions: ShapeTable = {
  ...sameFor(['Conv2D', 'DepthwiseConv2dNative'], conv2d),
  ...sameFor(['Conv2DBackpropInput', 'DepthwiseConv2dNativeBackpropInput'], (query) =>
    one(query.values(0), input(query, 2).dtype),
  ),
  ...sameFor(['Conv2DBackpropFilter', 'DepthwiseConv2dNativeBackpropFilter'], (query) =>
    one(query.values(1), input(query, 0).dtype),
  ),
  ...sameFor(['MaxPool', 'AvgPool'], pool),
  MaxPoolGrad: (query) => [input(query, 0)],
  AvgPoolGrad: (query) => one(query.values(0), input(query, 1).dtype),
  ...sameFor(['FusedBatchNorm', 'FusedBatchNormV2', 'FusedBatchNormV3'], fusedBatchNorm),
  ...sameFor(['FusedBatchNormGrad', 'FusedBatchNormGradV2', 'FusedBatchNormGradV3'], fusedBatchNormGrad),
  ...sameFor(['ResizeBilinear', 'ResizeNearestNeighbor', 'ResizeBicubic', 'ResizeArea'], (query) => {
    const x = input(query, 0);
    return one(
      [dim(x.shape, 0), ...query.values(1), dim(x.shape, 3)],
      query.op === 'ResizeNearestNeighbor' ? x.dtype : 'float32',
    );
  }),
};
