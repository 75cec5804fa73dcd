import { uniformFanIn } from '../initializers';
import { conv } from './conv';
import { layerNorm } from './layer-norm';
import { sequence, type Module, type Shape } from './module';

export interface ConvEmbedOptions {
  /** Names of the convolution and of the norm after it. */
  conv: string;
  norm: string;
  kernel: number;
  stride: number;
  padding: number;
  /** Input and output channels. */
  width: number;
  out: number;
  epsilon: number;
}

/** Turns flat tokens [N * S * S, C] of a square map into that map [N, S, S, C]; an image stays as it is. */
const asMap: Module = {
  params: [],
  shape: (input) => (input.length === 3 ? input : [...squareOf(input), input[1] as number]),
  macs: () => 0,
  apply: ({ context, batch }, x) => {
    if (x.shape.length === 4) return x;
    const [rows, width] = x.shape as [number, number];
    return context.tf.reshape(x, [batch, ...squareOf([rows / batch]), width]);
  },
};

const squareOf = ([length]: Shape): [number, number] => {
  const side = Math.sqrt(length as number);
  return [side, side];
};

/** Turns a map [N, H, W, C] into flat tokens [N * H * W, C]. */
const asTokens: Module = {
  params: [],
  shape: ([height, width, channels]) => [(height as number) * (width as number), channels as number],
  macs: () => 0,
  apply: ({ context }, x) => {
    const width = x.shape[3] as number;
    return context.tf.reshape(x, [x.size / width, width]);
  },
};

/**
 * Makes tokens of overlapping patches by a convolution with bias, then a layer norm of each token. An image [N, S, S,
 * 3] or flat tokens [N * S * S, width] of a square map -> flat tokens [N * L, out].
 */
export function convEmbed({ conv: name, norm, epsilon, ...options }: ConvEmbedOptions): Module {
  const init = uniformFanIn(options.kernel * options.kernel * options.width);
  return sequence([
    asMap,
    conv(name, { ...options, weight: init, bias: init }),
    asTokens,
    layerNorm(norm, options.out, epsilon),
  ]);
}
