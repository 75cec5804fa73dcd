/** Averages of a gray picture over rectangles with fractional edges, by its summed-area table (F. Crow, SIGGRAPH 1984). */

/** sums [height + 1, width + 1]: of all pixels above and to the left. */
export interface AreaSums {
  sums: Float64Array;
  width: number;
  height: number;
}

/** The part of a picture, in shares of its sides from 0 to 1. */
export interface Frame {
  left: number;
  top: number;
  side: number;
}

export const WHOLE: Frame = { left: 0, top: 0, side: 1 };

/** @param gray [height, width] */
export function areaSums(gray: Uint8Array | Float32Array, width: number, height: number): AreaSums {
  const stride = width + 1;
  const sums = new Float64Array(stride * (height + 1));
  for (let y = 0; y < height; y++) {
    let row = 0;
    for (let x = 0; x < width; x++) {
      row += gray[y * width + x] as number;
      sums[(y + 1) * stride + x + 1] = (sums[y * stride + x + 1] as number) + row;
    }
  }
  return { sums, width, height };
}

/** Where the edges of `cells` equal cells lie: a whole pixel and the share of the next one. */
function edges(from: number, length: number, cells: number, pixels: number): { at: Int32Array; share: Float64Array } {
  const at = new Int32Array(cells + 1);
  const share = new Float64Array(cells + 1);
  for (let index = 0; index <= cells; index++) {
    const place = Math.min(Math.max((from + (length * index) / cells) * pixels, 0), pixels);
    at[index] = Math.min(Math.floor(place), pixels - 1);
    share[index] = place - (at[index] as number);
  }
  return { at, share };
}

/**
 * A frame of the picture as a grid of averages. A summed-area table is bilinear within a pixel, so interpolating it is exact.
 * @returns [rows, columns], in the picture's units
 */
export function areaGrid(picture: AreaSums, { left, top, side }: Frame, columns: number, rows: number): Float32Array {
  const { sums, width, height } = picture;
  const stride = width + 1;
  const across = edges(left, side, columns, width);
  const down = edges(top, side, rows, height);
  const area = ((side * width) / columns) * ((side * height) / rows);
  const grid = new Float32Array(rows * columns);
  let above = new Float64Array(columns + 1);
  let below = new Float64Array(columns + 1);
  for (let row = 0; row <= rows; row++) {
    const start = (down.at[row] as number) * stride;
    const part = down.share[row] as number;
    for (let column = 0; column <= columns; column++) {
      const corner = start + (across.at[column] as number);
      const share = across.share[column] as number;
      const upper = (sums[corner] as number) * (1 - share) + (sums[corner + 1] as number) * share;
      const lower = (sums[corner + stride] as number) * (1 - share) + (sums[corner + stride + 1] as number) * share;
      below[column] = upper * (1 - part) + lower * part;
    }
    for (let column = 0; row && column < columns; column++) {
      const sum =
        (below[column + 1] as number) - (below[column] as number) - (above[column + 1] as number) + (above[column] as number);
      grid[(row - 1) * columns + column] = sum / area;
    }
    [above, below] = [below, above];
  }
  return grid;
}
