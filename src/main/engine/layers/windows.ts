/**
 * Windows of a square map of tokens (Liu et al., Swin Transformer, ICCV 2021, sec. 3.2), as orders of its tokens. The
 * map's order is row by row. The windows' order is window by window, row by row over the map, and row by row inside
 * each window.
 */

export interface Windows {
  /** Tokens along a side of the map. */
  side: number;
  /** Height and width of a window in tokens; they divide the side. */
  height: number;
  width: number;
  /** Number of tokens by which the map is rolled up and left before it is cut. */
  shift: number;
}

/** Returns int32 [side * side]: the index in the map of each token of the windows. */
export function windowOrder({ side, height, width, shift }: Windows): Int32Array {
  const order = new Int32Array(side * side);
  let at = 0;
  for (let top = 0; top < side; top += height)
    for (let left = 0; left < side; left += width)
      for (let row = top; row < top + height; row++)
        for (let column = left; column < left + width; column++)
          order[at++] = ((row + shift) % side) * side + ((column + shift) % side);
  return order;
}

/**
 * Returns float32 [windows, tokens of a window]: which of nine regions each token comes from. Rolling brings tokens of
 * opposite edges together in one window; tokens of different regions do not attend to each other.
 */
export function windowRegions({ side, height, width, shift }: Windows): Float32Array {
  const part = (place: number, length: number): number => (place < side - length ? 0 : place < side - shift ? 1 : 2);
  const rolled = windowOrder({ side, height, width, shift: 0 });
  return Float32Array.from(rolled, (token) => 3 * part(Math.floor(token / side), height) + part(token % side, width));
}
