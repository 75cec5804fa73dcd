/**
 * Draws histograms of oriented gradients as strokes, one for each orientation of a cell, to show a target or a
 * prediction. Pure.
 */
import { hogCell } from '../../engine/tasks/mae/hog-targets';

const BINS = 9;
const CHANNELS = 3;
/** Strokes weaker than this share of the strongest one add ink and no information. */
const FAINT = 0.08;

export interface Stroke {
  /** Ends of the stroke in pixels of the image. */
  from: readonly [number, number];
  to: readonly [number, number];
  /** Strength relative to the strongest stroke of the picture, 0..1. */
  strength: number;
}

export interface HogGrid {
  /** Side of the image in pixels. */
  size: number;
  /** Side of a patch in pixels. */
  patch: number;
}

/**
 * Returns the strength of each orientation of each cell, the channels added up: [cells down, cells across, 9], row by
 * row.
 */
export function orientations(numbers: ArrayLike<number>, { size, patch }: HogGrid): Float64Array {
  const [side, each] = [size / patch, patch / hogCell(patch)];
  const across = side * each;
  const width = BINS * CHANNELS * each * each;
  const found = new Float64Array(across * across * BINS);
  for (let at = 0; at < numbers.length; at++) {
    const [place, number] = [Math.floor(at / width), at % width];
    const [entry, cell] = [Math.floor(number / (each * each)), number % (each * each)];
    const row = Math.floor(place / side) * each + Math.floor(cell / each);
    const column = (place % side) * each + (cell % each);
    const into = (row * across + column) * BINS + (entry % BINS);
    found[into] = (found[into] as number) + (numbers[at] as number);
  }
  return found;
}

/**
 * Makes the strokes. Each lies along the edge, at a right angle to its gradient, and is as long as its cell.
 * @param numbers [L, width] in the order of `hogTargets`, not negative
 */
export function hogGlyphs(numbers: ArrayLike<number>, grid: HogGrid): Stroke[] {
  const cell = hogCell(grid.patch);
  const strengths = orientations(numbers, grid);
  const across = grid.size / cell;
  const most = strengths.reduce((largest, value) => Math.max(largest, value), 0);
  const strokes: Stroke[] = [];
  strengths.forEach((value, at) => {
    const strength = most > 0 ? value / most : 0;
    if (strength < FAINT) return;
    const place = Math.floor(at / BINS);
    const [x, y] = [((place % across) + 0.5) * cell, (Math.floor(place / across) + 0.5) * cell];
    // This is the middle of the bin; a gradient at this angle points along (sin, cos).
    const angle = (((at % BINS) + 0.5) * Math.PI) / BINS;
    const [right, down] = [(Math.cos(angle) * cell) / 2, (-Math.sin(angle) * cell) / 2];
    strokes.push({ from: [x - right, y - down], to: [x + right, y + down], strength });
  });
  return strokes;
}

/** Draws white strokes on black, as such pictures are printed. @param side of the drawing in pixels */
export function glyphsSvg(strokes: readonly Stroke[], size: number, side: number): string {
  const number = (value: number): string => value.toFixed(2);
  const lines = strokes.map(
    ({ from: [x1, y1], to: [x2, y2], strength }) =>
      `<line x1="${number(x1)}" y1="${number(y1)}" x2="${number(x2)}" y2="${number(y2)}" stroke-opacity="${number(strength)}"/>`,
  );
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${side}" height="${side}" viewBox="0 0 ${size} ${size}">` +
    `<rect width="${size}" height="${size}" fill="#000"/>` +
    `<g stroke="#fff" stroke-width="${number((1.5 * size) / side)}">${lines.join('')}</g></svg>`
  );
}
