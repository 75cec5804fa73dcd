/**
 * Scales what is drawn for the student's view of B x B pixels to the teacher's larger or smaller view of the same
 * images.
 */

/**
 * Scales mixing weights [from, from] -> [to, to]: each pixel takes the weight at its place, so that the same parts of
 * an image are pasted. With `from` = `to` it is the same mask.
 */
export function scaledMask(mask: Float32Array, from: number, to: number): Float32Array {
  const place = Array.from({ length: to }, (_, index) => Math.min(from - 1, Math.floor(((index + 0.5) * from) / to)));
  return Float32Array.from({ length: to * to }, (_, index) => {
    const [row, column] = [place[Math.floor(index / to)] as number, place[index % to] as number];
    return mask[row * from + column] as number;
  });
}

/**
 * Scales rectangles [N, 4] (top, left, height, width) from an image of side `from` to one of side `to`, edges rounded.
 */
export function scaledRectangles(rectangles: Int32Array, from: number, to: number): Int32Array {
  const scaled = new Int32Array(rectangles.length);
  const edge = (at: number): number => Math.round((at * to) / from);
  for (let at = 0; at < rectangles.length; at += 4) {
    const [top = 0, left = 0, height = 0, width = 0] = rectangles.subarray(at, at + 4);
    const [y, x] = [edge(top), edge(left)];
    scaled.set([y, x, edge(top + height) - y, edge(left + width) - x], at);
  }
  return scaled;
}
