import { layerNorm as normalise } from '../../layers/layer-norm';
import type { Module } from './module';
import { layerNormParams } from './params';

/** Layer norm over the last axis of rows [rows, width]. timm's vision transformers have an epsilon of 1e-6, PyTorch's default is 1e-5. */
export function layerNorm(name: string, width: number, epsilon = 1e-6): Module {
  return {
    params: layerNormParams(name, width),
    shape: (input) => input,
    macs: () => 0,
    apply: ({ context, param }, x) => normalise(context, x, param(`${name}.weight`), param(`${name}.bias`), epsilon),
  };
}
