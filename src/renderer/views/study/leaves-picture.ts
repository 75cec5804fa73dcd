/** Lays out a picture of radius against the progress at which its curve leaves the unfiltered one. Pure. */
import type { FrequencyStudy } from '../../../shared/contract/studies';
import { linearTicks, type Range } from '../../charts/scale';

export interface Place {
  x: number;
  y: number;
}

export interface LeavesPicture {
  points: (Place & { radius: number; progress: number })[];
  /** Radii whose curves do not leave the unfiltered one; they are drawn at the top, outside of the plot. */
  stay: { x: number; radius: number }[];
  fit: { from: Place; to: Place } | null;
  xTicks: { x: number; label: string }[];
  yTicks: { y: number; label: string }[];
}

export const FRAME = { left: 48, right: 16, top: 28, bottom: 40 } as const;
const TICK_PX = 70;

/** @param width, height in px; progress is drawn from 0 to 1, radius from 0 on */
export function leavesPicture(study: FrequencyStudy, width: number, height: number): LeavesPicture {
  const { curves, fit, radii } = study;
  const [columns, rows] = [width - FRAME.left - FRAME.right, height - FRAME.top - FRAME.bottom];
  const range: Range = [0, 1.1 * Math.max(...radii, 1)];
  const at = (radius: number): number => FRAME.left + (columns * radius) / range[1];
  const up = (progress: number): number => FRAME.top + rows * (1 - progress);
  const filtered = curves.filter(({ radius, curve }) => radius !== null && curve.length > 0);
  const ticks = linearTicks(range, Math.max(Math.floor(columns / TICK_PX), 2)).values;
  return {
    points: filtered.flatMap(({ radius, leaves }) =>
      leaves
        ? [{ radius: radius as number, progress: leaves.progress, x: at(radius as number), y: up(leaves.progress) }]
        : [],
    ),
    stay: filtered.flatMap(({ radius, leaves }) =>
      leaves ? [] : [{ radius: radius as number, x: at(radius as number) }],
    ),
    fit: fit && lineOf(fit, range, at, up),
    xTicks: ticks.map((value) => ({ x: at(value), label: String(Number(value.toPrecision(6))) })),
    yTicks: [0, 0.25, 0.5, 0.75, 1].map((value) => ({ y: up(value), label: `${100 * value} %` })),
  };
}

/** Returns the fitted line, cut where progress is below 0 or above 1; null where none of it remains. */
function lineOf(
  { slope, intercept }: { slope: number; intercept: number },
  [low, high]: Range,
  at: (radius: number) => number,
  up: (progress: number) => number,
): LeavesPicture['fit'] {
  const ends = slope === 0 ? [low, high] : [-intercept / slope, (1 - intercept) / slope].sort((a, b) => a - b);
  const [from, to] = [Math.max(low, ends[0] as number), Math.min(high, ends[1] as number)];
  if (from >= to || (slope === 0 && (intercept < 0 || intercept > 1))) return null;
  const place = (radius: number): Place => ({ x: at(radius), y: up(intercept + slope * radius) });
  return { from: place(from), to: place(to) };
}
