import type { Shape } from './module';

const side = (length: number, kernel: number, stride: number, padding: number): number =>
  Math.floor((length + 2 * padding - kernel) / stride) + 1;

/**
 * Returns the output shape [H', W', out] of a window of `kernel` pixels that moves by `stride` over a map [H, W, C]
 * padded on all sides. Pixels left over at the end are dropped.
 */
export const behindWindow = (
  [height, width]: Shape,
  out: number,
  ...window: [kernel: number, stride: number, padding: number]
): Shape => [side(height as number, ...window), side(width as number, ...window), out];
