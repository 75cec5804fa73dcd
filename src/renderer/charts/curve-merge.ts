/** Joins curves that are fetched piece by piece. Pure. */
import type { Curve, Curves } from '../../shared/contract/metrics';
import { firstAfter } from './curve-data';

const COLUMNS = ['step', 'mean', 'min', 'max', 'epoch', 'equivalent_epochs', 'seconds'] as const;

function rows(curve: Curve, from: number, to: number): Curve {
  const cut = { ...curve };
  for (const column of COLUMNS) cut[column] = curve[column].slice(from, to);
  return cut;
}

function joined(first: Curve, second: Curve, told: Curve): Curve {
  const made = { ...told };
  for (const column of COLUMNS) made[column] = first[column].concat(second[column]);
  return made;
}

/** Returns the first step of the bucket that contains `step`. */
const bucketStart = (step: number, width: number): number => Math.floor(step / width) * width;

const equal = (a: readonly number[], b: readonly number[], from = 0): boolean =>
  a.length - from === b.length && b.every((value, at) => a[from + at] === value);

/**
 * Merges known and newer points, or returns the known curve where nothing is new; null where they don't fit together:
 * then all has to be fetched again.
 */
export function merged(known: Curve, newer: Curve): Curve | null {
  if (newer.width !== known.width) return null;
  const first = newer.step[0];
  const start = first === undefined || known.width === 1 ? first : bucketStart(first, known.width);
  const kept = start === undefined ? known.step.length : firstAfter(known.step, start - 1);
  const told = newer.not_finite === known.not_finite && equal(known.gaps, newer.gaps);
  if (told && COLUMNS.every((column) => equal(known[column], newer[column], kept))) return known;
  return joined(rows(known, 0, kept), newer, newer);
}

export type CurveSet = ReadonlyMap<string, Curve>;

/**
 * Returns the curves after an answer to `since`.
 * @returns null where the run has gone back, or the pieces don't fit: fetch all
 */
export function applied(known: CurveSet, lastStep: number, { curves, last_step }: Curves): CurveSet | null {
  if (last_step < lastStep) return null;
  const next = new Map(known);
  let changed = false;
  for (const newer of curves) {
    const old = known.get(newer.name);
    // A series that has begun since is complete: no part of it is before `since`.
    const made = old ? merged(old, newer) : newer;
    if (!made) return null;
    changed ||= made !== old;
    next.set(newer.name, made);
  }
  return changed ? next : known;
}

/** Inserts a more detailed part into the whole curve. */
export function spliced(whole: Curve, detail: Curve, from: number, to: number): Curve {
  if (detail.step.length === 0 || detail.width >= whole.width) return whole;
  // A coarse bucket that reaches into the part is removed, because the fine ones replace it.
  const before = rows(whole, 0, firstAfter(whole.step, Math.min(from, detail.step[0] as number) - 1));
  const last = Math.max(Math.min(to, whole.step.at(-1) as number), detail.step.at(-1) as number);
  const after = rows(whole, firstAfter(whole.step, last), whole.step.length);
  const made = joined(joined(before, detail, detail), after, whole);
  return { ...made, width: detail.width, gaps: [...new Set([...whole.gaps, ...detail.gaps])].sort((a, b) => a - b) };
}

/** Returns the steps of a zoomed range of another x, by a curve with both. */
export function stepsOf(
  curve: Curve | undefined,
  axis: 'step' | 'epoch' | 'equivalent_epochs' | 'seconds',
  [from, to]: readonly [number, number],
): { from: number; to: number } {
  if (!curve || axis === 'step') return { from: Math.max(Math.floor(from), 0), to: Math.ceil(to) };
  const low = Math.max(firstAfter(curve[axis], from) - 1, 0);
  const high = Math.min(firstAfter(curve[axis], to), curve.step.length - 1);
  return { from: curve.step[low] ?? 0, to: curve.step[high] ?? Number.MAX_SAFE_INTEGER };
}
