import type { Context, Tensor } from '../../types';

const BINS = 9;
const LARGEST_CELL = 8;
/** Epsilon of torch's F.normalize. */
const EPSILON = 1e-12;

/**
 * Returns the side of a cell in pixels: the largest that is at most 8 and divides the patch (8 in patches of 16, 7 in
 * patches of 14, 4 in patches of 4).
 */
export function hogCell(patch: number): number {
  let cell = Math.min(LARGEST_CELL, patch);
  while (patch % cell !== 0) cell--;
  return cell;
}

/** Returns the length of a patch's target: 9 bins of 3 channels for each of its cells, 108 for patches of 16 px. */
export const hogDim = (patch: number): number => BINS * 3 * (patch / hogCell(patch)) ** 2;

/** Computes Sobel's derivatives of each channel with the border reflected: across and down, each [N, S, S, 3]. */
function derivatives({ tf }: Context, x: Tensor): [Tensor, Tensor] {
  const [batch, size] = x.shape as [number, number];
  const padded = tf.mirrorPad(
    x,
    [
      [0, 0],
      [1, 1],
      [1, 1],
      [0, 0],
    ],
    'reflect',
  );
  /** Shifts the image by so many rows and columns. */
  const from = (of: Tensor, row: number, column: number, [height, width]: [number, number]): Tensor =>
    tf.slice(of, [0, row, column, 0], [batch, height, width, 3]);
  const tall: [number, number] = [size + 2, size];
  const wide: [number, number] = [size, size + 2];
  const square: [number, number] = [size, size];
  const smooth = (before: Tensor, here: Tensor, after: Tensor): Tensor =>
    tf.add(tf.add(before, tf.mul(here, 2)), after);
  const across = tf.sub(from(padded, 0, 0, tall), from(padded, 0, 2, tall));
  const down = tf.sub(from(padded, 0, 0, wide), from(padded, 2, 0, wide));
  return [
    smooth(from(across, 0, 0, square), from(across, 1, 0, square), from(across, 2, 0, square)),
    smooth(from(down, 0, 0, square), from(down, 0, 1, square), from(down, 0, 2, square)),
  ];
}

/**
 * Computes the histograms of oriented gradients that MaskFeat predicts (Wei et al., CVPR 2022, sec. 3.2 and appendix;
 * Dalal and Triggs, CVPR 2005, without their normalisation over blocks): 9 unsigned orientations of each channel in
 * cells of `hogCell(patch)` px, every pixel counted with its magnitude in one bin, each cell and channel scaled to
 * length 1. There is no Gaussian weighting. A patch's numbers are in the order channel, bin, row of the cell, column of
 * the cell.
 * x float32 [N, S, S, 3], normalised -> [N, (S / p)^2, hogDim(p)]
 */
export function hogTargets(context: Context, x: Tensor, patch: number): Tensor {
  const { tf } = context;
  const [batch, size] = x.shape as [number, number];
  const cell = hogCell(patch);
  const [across, down] = derivatives(context, x);
  const magnitude = tf.sqrt(tf.add(tf.square(across), tf.square(down)));
  const turns = tf.floor(tf.mul(tf.atan2(across, down), BINS / Math.PI));
  const bin = tf.mod(turns, BINS);
  const histogram = Array.from({ length: BINS }, (_, index) => {
    const counted = tf.mul(magnitude, tf.cast(tf.equal(bin, index), 'float32'));
    // The mean serves in place of the sum, because the scale cancels below.
    return tf.avgPool(counted as never, cell, cell, 'valid') as Tensor;
  });
  const cells = tf.stack(histogram, 4);
  const length = tf.sqrt(tf.sum(tf.square(cells), -1, true));
  const scaled = tf.div(cells, tf.maximum(length, EPSILON));
  const [side, each] = [size / patch, patch / cell];
  const byPatch = tf.transpose(tf.reshape(scaled, [batch, side, each, side, each, 3 * BINS]), [0, 1, 3, 5, 2, 4]);
  return tf.reshape(byPatch, [batch, side * side, hogDim(patch)]);
}
