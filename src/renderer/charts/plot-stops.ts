/** Stops of the arrow keys for a chart's crosshair: from point to point of the longest line. Pure. */
import type { ChartModel } from './chart-model';
import { firstAfter } from './curve-data';
import type { Range } from './scale';

/** Returns the x of the points that the keys visit. */
export const stopsOf = ({ drawn }: Pick<ChartModel, 'drawn'>): Float64Array =>
  drawn.reduce<Float64Array>(
    (most, { points }) => (points.x.length > most.length ? points.x : most),
    new Float64Array(),
  );

/** A break in the line has the x of the point before it, so rows of the same x count as one. */
function indexAfter(x: Float64Array, here: number | null, by: number, [first, last]: Range): number {
  if (!Number.isFinite(by)) return by < 0 ? first : last;
  if (here === null) return by < 0 ? last : first;
  let at = firstAfter(x, here) - 1;
  while (by < 0 && at > 0 && x[at - 1] === x[at]) at--;
  return at + by;
}

/**
 * Returns the next stop.
 * @param here the crosshair's x; null: it is not shown, and enters at the end opposite to `by`
 * @param by how many points to move; infinite: to the first or the last in view
 * @returns null where no point is in view
 */
export function stopAfter(x: Float64Array, view: Range, here: number | null, by: number): number | null {
  const [first, last] = [firstAfter(x, view[0] - 1e-9), firstAfter(x, view[1]) - 1];
  const index = indexAfter(x, here, by, [first, last]);
  return x[Math.min(Math.max(index, first), last)] ?? null;
}

/** Returns the view `factor` times as wide around `middle`; null: around its own middle. It begins at 0 or later. */
export function zoomed(view: Range, middle: number | null, factor: number): Range {
  const half = ((view[1] - view[0]) * factor) / 2;
  const from = Math.max((middle ?? (view[0] + view[1]) / 2) - half, 0);
  return [from, from + 2 * half];
}
