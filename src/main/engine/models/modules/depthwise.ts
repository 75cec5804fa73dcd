import { depthwiseConv2d } from '../../layers/depthwise-conv2d';
import type { Initializer } from '../initializers';
import type { Module, Shape } from './module';
import { param, plain } from './params';
import { behindWindow } from './window';

export interface DepthwiseOptions {
  kernel: number;
  stride?: number;
  /** Number of zeros on each side. By default the map keeps its size at a stride of 1. */
  padding?: number;
  width: number;
  weight: Initializer;
  /** Initial values of the bias; null: it has none. */
  bias: Initializer | null;
}

/** Makes a depthwise convolution of a map: [N, H, W, width] -> [N, H', W', width]. */
export function depthwise(name: string, options: DepthwiseOptions): Module {
  const { kernel, stride = 1, padding = (kernel - 1) / 2, width, weight, bias } = options;
  const [weights, offsets] = [`${name}.weight`, `${name}.bias`];
  const shape = (input: Shape): Shape => behindWindow(input, width, kernel, stride, padding);
  const layout = {
    layout: 'depthwise',
    shape: [kernel, kernel, width, 1],
    timmShape: [width, 1, kernel, kernel],
  } as const;
  return {
    params: [param(weights, layout, weight), ...(bias ? [plain(offsets, [width], bias)] : [])],
    shape,
    macs: (input) => {
      const [high, wide] = shape(input) as [number, number];
      return high * wide * kernel * kernel * width;
    },
    apply: ({ context, param: value }, x) =>
      depthwiseConv2d(context, x, value(weights), bias ? value(offsets) : null, { stride, pad: padding }),
  };
}
