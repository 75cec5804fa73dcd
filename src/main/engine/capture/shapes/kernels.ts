import { dim, input, one, size, type ShapeTable } from './shape';

/** Our own ops (backend/native/kernels). */
export const kernels: ShapeTable = {
  StudioGelu: (query) => [input(query, 0)],
  StudioGeluGrad: (query) => [input(query, 0)],
  StudioSoftmaxGrad: (query) => [input(query, 0)],
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
