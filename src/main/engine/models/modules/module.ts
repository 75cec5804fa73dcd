/**
 * A part of a network. One description gives its parameters, its cost and its result, so that the three can't disagree;
 * `sequence` and parts that contain others combine parts to networks.
 */
import type { Context, EncodeOptions, ParamSpec, Tensor } from '../../types';

/**
 * Shape of one image's activations, without the batch: [H, W, C] of a feature map, [L, C] of tokens, [C] of features.
 */
export type Shape = readonly number[];

/** Values that one forward pass gives to every part. */
export interface Pass {
  context: Context;
  training: boolean;
  /** Number of images in the batch. */
  batch: number;
  /** float32 [N, columns], see EncodeOptions. */
  keep: Tensor | undefined;
  param: (name: string) => Tensor;
}

export interface Module {
  /** Parameters in the order of timm's state_dict. */
  readonly params: readonly ParamSpec[];
  /** Returns the output shape for an input shape. */
  shape(input: Shape): Shape;
  /** Returns the multiply-adds of the convolutions and matrix products for one image, as fvcore and timm count them. */
  macs(input: Shape): number;
  /** Applies the part. A feature map is [N, H, W, C]; tokens are flat, [N * L, C]; features are [N, C]. */
  apply(pass: Pass, x: Tensor): Tensor;
}

/** Returns the values of a forward pass. @param x the network's input, with the images along its first axis */
export function passOf(context: Context, x: Tensor, { training, keep, param }: EncodeOptions): Pass {
  return { context, training, batch: x.shape[0] as number, keep, param: param ?? context.variable };
}

/** Applies parts one after the other. */
export function sequence(parts: readonly Module[]): Module {
  const shape = (input: Shape): Shape => parts.reduce((now, part) => part.shape(now), input);
  return {
    params: parts.flatMap(({ params }) => params),
    shape,
    macs: (input) => {
      let now = input;
      return parts.reduce((sum, part) => {
        const cost = part.macs(now);
        now = part.shape(now);
        return sum + cost;
      }, 0);
    },
    apply: (pass, x) => parts.reduce((now, part) => part.apply(pass, now), x),
  };
}

/** Makes a part without parameters that changes no shape and has no matrix product. */
export const elementwise = (apply: (context: Context, x: Tensor) => Tensor): Module => ({
  params: [],
  shape: (input) => input,
  macs: () => 0,
  apply: ({ context }, x) => apply(context, x),
});
