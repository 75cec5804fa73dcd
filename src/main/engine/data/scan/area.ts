/**
 * Averages of a gray picture over rectangles with fractional edges, by its summed-area table (F. Crow, SIGGRAPH 1984).
 */

/** Sums [height + 1, width + 1] of all pixels above and to the left. */
export interface AreaSums {
  sums: Float64Array;
  width: number;
  height: number;
}

/** A part of a picture, in fractions of its sides from 0 to 1. */
export interface Frame {
  left: number;
  top: number;
  side: number;
}

export const WHOLE: Frame = { left: 0, top: 0, side: 1 };

/**
 * Computes the sums of a picture.
 * @param gray [height, width]
 * @param sums [height + 1, width + 1] to write into; its first row and column are zero
 */
export function areaSums(
  gray: ArrayLike<number>,
  width: number,
  height: number,
  sums = new Float64Array((width + 1) * (height + 1)),
): AreaSums {
  const stride = width + 1;
  for (let y = 0; y < height; y++) {
    let row = 0;
    for (let x = 0; x < width; x++) {
      row += gray[y * width + x] as number;
      sums[(y + 1) * stride + x + 1] = (sums[y * stride + x + 1] as number) + row;
    }
  }
  return { sums, width, height };
}

interface Edges {
  at: Int32Array;
  share: Float64Array;
}

/** Returns the edges of `cells` equal cells: a whole pixel and the fraction of the next one. */
function edges(from: number, length: number, cells: number, pixels: number): Edges {
  const at = new Int32Array(cells + 1);
  const share = new Float64Array(cells + 1);
  for (let index = 0; index <= cells; index++) {
    const place = Math.min(Math.max((from + (length * index) / cells) * pixels, 0), pixels);
    at[index] = Math.min(Math.floor(place), pixels - 1);
    share[index] = place - (at[index] as number);
  }
  return { at, share };
}

interface GridPlan {
  columns: number;
  rows: number;
  width: number;
  height: number;
  across: Edges;
  down: Edges;
}

/** Edges of the grids that a frame was used with: every picture needs the same few. */
const plans = new WeakMap<Frame, GridPlan[]>();

function planOf({ width, height }: AreaSums, frame: Frame, columns: number, rows: number): GridPlan {
  let known = plans.get(frame);
  if (!known) plans.set(frame, (known = []));
  for (const plan of known)
    if (plan.columns === columns && plan.rows === rows && plan.width === width && plan.height === height) return plan;
  const across = edges(frame.left, frame.side, columns, width);
  const made = { columns, rows, width, height, across, down: edges(frame.top, frame.side, rows, height) };
  if (known.length < MOST_PLANS) known.push(made);
  return made;
}

/** Limit of the plans, because pictures of many sizes would fill the memory. */
const MOST_PLANS = 16;

/** Rows of the summed-area table at the edges of a row of cells, used by one call at a time. */
let [above, below] = [new Float64Array(128), new Float64Array(128)];

/**
 * Averages a frame of the picture over a grid. A summed-area table is bilinear within a pixel, so interpolating it is
 * exact.
 * @param grid [rows, columns] to write into
 * @returns it, in the picture's units
 */
export function areaGrid(
  picture: AreaSums,
  frame: Frame,
  columns: number,
  rows: number,
  grid = new Float32Array(rows * columns),
): Float32Array {
  const { sums, width, height } = picture;
  const { side } = frame;
  const stride = width + 1;
  const { across, down } = planOf(picture, frame, columns, rows);
  const area = ((side * width) / columns) * ((side * height) / rows);
  if (columns >= above.length) [above, below] = [new Float64Array(columns + 1), new Float64Array(columns + 1)];
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
        (below[column + 1] as number) -
        (below[column] as number) -
        (above[column + 1] as number) +
        (above[column] as number);
      grid[(row - 1) * columns + column] = sum / area;
    }
    [above, below] = [below, above];
  }
  return grid;
}
