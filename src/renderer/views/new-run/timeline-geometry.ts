/** Geometry of the timeline: x is share of compute, height is bandwidth. */
import { bordersOf } from '../../../shared/schedule-editor/shares';

export const LEFT = 44;
export const RIGHT = 36;
export const TOP = 22;
export const BOTTOM = 6;

export interface Plot {
  width: number;
  height: number;
  /** Bandwidth at the top. */
  full: number;
}

export const inner = ({ width }: Plot): number => Math.max(width - LEFT - RIGHT, 1);
export const tall = ({ height }: Plot): number => height - TOP - BOTTOM;
export const xOf = (plot: Plot, share: number): number => LEFT + share * inner(plot);
export const yOf = (plot: Plot, bandwidth: number): number => TOP + tall(plot) * (1 - bandwidth / plot.full);
export const shareAt = (plot: Plot, x: number): number => (x - LEFT) / inner(plot);
export const bandwidthAt = (plot: Plot, y: number): number => plot.full * (1 - (y - TOP) / tall(plot));

const MOST_MAGNITUDE = 10;
export const magnitudeY = (plot: Plot, magnitude: number): number =>
  TOP + tall(plot) * (1 - magnitude / MOST_MAGNITUDE);

export interface Bar {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

export function barsOf(plot: Plot, stages: readonly { bandwidth: number; share: number }[]): Bar[] {
  const borders = bordersOf(stages);
  return stages.map(({ bandwidth }, index) => ({
    left: xOf(plot, borders[index] as number),
    right: xOf(plot, borders[index + 1] as number),
    top: yOf(plot, bandwidth),
    bottom: TOP + tall(plot),
  }));
}

/** Returns the range of x for each border that a run decides during training; none for a planned schedule. */
export const rangesOf = (
  plot: Plot,
  adaptive: { decided: number; stages: readonly { end_min: number; end_max: number }[] } | null,
): { left: number; right: number }[] =>
  (adaptive?.stages.slice(adaptive.decided, -1) ?? []).map(({ end_min, end_max }) => ({
    left: xOf(plot, end_min),
    right: xOf(plot, end_max),
  }));

/** Returns the sides that get a number beside their tick: as many as fit, the largest always. */
export function labelled(plot: Plot, sizes: readonly number[], least = 16): Set<number> {
  const shown = new Set<number>();
  let last = Number.NEGATIVE_INFINITY;
  for (const size of sizes.toReversed()) {
    const y = yOf(plot, size);
    if (y - last < least) continue;
    shown.add(size);
    last = y;
  }
  return shown;
}
