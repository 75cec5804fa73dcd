import { layerNorm as normalise } from '../../layers/layer-norm';
import type { Module } from './module';
import { layerNormParams } from './params';

/**
 * Makes a layer norm over the last axis of rows [rows, width]. timm's vision transformers use an epsilon of 1e-6;
 * PyTorch's default is 1e-5.
 * @param bias whether it has one
 */
export function layerNorm(name: string, width: number, epsilon = 1e-6, bias = true): Module {
  return {
    params: layerNormParams(name, width, bias),
    shape: (input) => input,
    macs: () => 0,
    apply: ({ context, param }, x) =>
      normalise(context, x, param(`${name}.weight`), bias ? param(`${name}.bias`) : null, epsilon),
  };
}
