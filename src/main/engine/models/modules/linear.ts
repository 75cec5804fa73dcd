import { linear as product } from '../../layers/linear';
import type { Initializer } from '../initializers';
import type { Module } from './module';
import { linearParams, patchParams, plain } from './params';

export interface LinearOptions {
  width: number;
  out: number;
  weight: Initializer;
  /** Initial values of the bias; null: no bias. */
  bias: Initializer | null;
  /** Whether timm stores it as a convolution of 1 x 1, whose weight has two more axes. Default false. */
  conv?: boolean;
}

/**
 * Makes a matrix product over the last axis, with an optional bias: tokens [N * L, width] -> [N * L, out], or features
 * [N, width] -> [N, out].
 */
export function linear(name: string, { width, out, weight, bias, conv = false }: LinearOptions): Module {
  return {
    params: conv
      ? [...patchParams(name, { patch: 1, width, out }, weight), ...(bias ? [plain(`${name}.bias`, [out], bias)] : [])]
      : linearParams(name, width, out, weight, bias),
    shape: (input) => [...input.slice(0, -1), out],
    macs: (input) => input.slice(0, -1).reduce((rows, length) => rows * length, 1) * width * out,
    apply: ({ context, param }, x) => product(context, x, param(`${name}.weight`), bias && param(`${name}.bias`)),
  };
}
