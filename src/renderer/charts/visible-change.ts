/** Says whether a chart with new data would look different: a run of hours gains a pixel in ten seconds. Pure. */
import type { ChartModel, DrawnSeries } from './chart-model';
import type { CurvePoints } from './curve-data';
import type { Range } from './scale';

const sameRange = (before: Range, after: Range): boolean => before[0] === after[0] && before[1] === after[1];

/**
 * True if old rows are unchanged and new ones extend the line by less than a pixel. The last row may be a bucket that
 * still fills.
 */
function onlyGrown(old: CurvePoints, made: CurvePoints, pixel: number): boolean {
  const common = Math.min(old.x.length, made.x.length);
  if (common === 0) return old.x.length === made.x.length;
  for (let row = 0; row < common - 1; row++)
    if (old.x[row] !== made.x[row] || !Object.is(old.y[row], made.y[row])) return false;
  return Math.abs((made.x.at(-1) as number) - (old.x.at(-1) as number)) < pixel;
}

function sameLine(before: DrawnSeries, after: DrawnSeries, pixel: number): boolean {
  const [old, made] = [before.series, after.series];
  if (old.id !== made.id || old.label !== made.label || old.token !== made.token || old.dash !== made.dash)
    return false;
  // Where single points are visible each of them counts.
  if (before.sparse !== after.sparse || (after.sparse && before.points.x.length !== after.points.x.length))
    return false;
  return onlyGrown(before.points, after.points, pixel);
}

/** @param columns width of the plot in pixels */
export function looksDifferent(drawn: ChartModel, fresh: ChartModel, columns: number): boolean {
  const pixel = (drawn.x[1] - drawn.x[0]) / Math.max(columns, 1);
  if (Math.abs(fresh.x[0] - drawn.x[0]) >= pixel || Math.abs(fresh.x[1] - drawn.x[1]) >= pixel) return true;
  if (!sameRange(drawn.y, fresh.y) || drawn.notFinite !== fresh.notFinite || drawn.empty !== fresh.empty) return true;
  if (drawn.drawn.length !== fresh.drawn.length) return true;
  return fresh.drawn.some((entry, at) => !sameLine(drawn.drawn[at] as DrawnSeries, entry, pixel));
}
