/** The cases of the bench of single ops. */

/** A depthwise convolution in strides of 1 that keeps the image's size. */
export interface DepthwiseCase {
  kind: 'depthwise';
  batch: number;
  /** Pixels along both sides of the image. */
  side: number;
  channels: number;
  kernel: number;
}

export type OpCase = DepthwiseCase;

export type Pass = 'forward' | 'gradients';

/** A request to one side for its milliseconds in one pass over a case, `times` times. */
export interface OpRequest {
  run: OpCase;
  pass: Pass;
  times: number;
}

const depthwise = (side: number, channels: number, kernel: number): DepthwiseCase => ({
  ...{ kind: 'depthwise', batch: 16, side, channels, kernel },
});

/** Stages of ConvNeXt-Tiny at 224, 160 and 96 px, and first stages of CAFormer-S18 and PVT v2 B0. */
export const CASES: readonly OpCase[] = [
  depthwise(56, 96, 7),
  depthwise(40, 96, 7),
  depthwise(24, 96, 7),
  depthwise(20, 192, 7),
  depthwise(10, 384, 7),
  depthwise(5, 768, 7),
  depthwise(40, 128, 7),
  depthwise(40, 128, 3),
  depthwise(56, 256, 3),
];

export const nameOf = ({ side, channels, kernel }: OpCase): string =>
  `depthwise ${kernel} x ${kernel} of ${side} x ${side} x ${channels}`;
