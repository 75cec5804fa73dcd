/** Edits of a schedule as pure functions, for the timeline, the table and the keyboard. Shares are of compute. */
import { nearestValid, validSizes, type SizeRule } from '../curriculum/size-rule';
import type { StageConfig } from '../run-config';
import { bordersOf, FINE, settled, SNAP } from './shares';

type Stages = readonly StageConfig[];

const change = (stages: Stages, at: number, fields: Partial<StageConfig>): StageConfig[] =>
  stages.map((stage, index) => (index === at ? { ...stage, ...fields } : stage));

/** Moves the border between stages `left` and `left + 1` to `position` on the axis; other borders stay. */
export function moveBorder(stages: Stages, left: number, position: number, free: boolean): StageConfig[] {
  const [own, next] = [stages[left], stages[left + 1]];
  if (!own || !next) return [...stages];
  const borders = bordersOf(stages);
  const [from, to] = [borders[left] as number, borders[left + 2] as number];
  const step = free ? FINE : SNAP;
  const snapped = Math.round(position / step) * step;
  // Stages thinner than a step keep their share.
  const least = Math.min(step, own.share, next.share);
  const at = Math.min(Math.max(snapped, from + least), to - least);
  return settled(
    stages.map((stage, index) => ({
      ...stage,
      share: index === left ? at - from : index === left + 1 ? to - at : stage.share,
    })),
  );
}

/** Sets the nearest side that the model takes. */
export const setBandwidth = (
  stages: Stages,
  at: number,
  bandwidth: number,
  size: number,
  rule: SizeRule,
): StageConfig[] => change(stages, at, { bandwidth: nearestValid(bandwidth, size, rule) });

/** Sets the side as typed, valid or not: an invalid one is flagged, not silently changed. */
export const typeBandwidth = (stages: Stages, at: number, bandwidth: number): StageConfig[] =>
  change(stages, at, { bandwidth: Math.max(Math.round(bandwidth), 1) });

/** Sets the next valid side up (1) or down (-1). */
export function stepBandwidth(
  stages: Stages,
  at: number,
  direction: 1 | -1,
  size: number,
  rule: SizeRule,
): StageConfig[] {
  const now = stages[at]?.bandwidth ?? size;
  const sizes = validSizes(size, rule);
  const next = direction > 0 ? sizes.find((side) => side > now) : sizes.findLast((side) => side < now);
  return next === undefined ? [...stages] : change(stages, at, { bandwidth: next });
}

const clampMagnitude = (value: number): number => Math.min(Math.max(Math.round(value * 100) / 100, 0), 10);

/** Sets the magnitude. @param end magnitude at the stage's end; null: constant */
export const setMagnitude = (stages: Stages, at: number, magnitude: number, end: number | null): StageConfig[] =>
  change(stages, at, {
    magnitude: clampMagnitude(magnitude),
    magnitude_end: end === null ? null : clampMagnitude(end),
  });

/** Sets the batch. @param batch null: the run's */
export const setBatch = (stages: Stages, at: number, batch: number | null): StageConfig[] =>
  change(stages, at, { batch: batch === null ? null : Math.max(Math.round(batch), 1) });

/** Sets the replay. @param times that each prepared image trains on average; 1: none is replayed */
export const setReplay = (stages: Stages, at: number, times: number): StageConfig[] =>
  change(stages, at, { replay_times: Math.min(Math.max(Math.round(times), 1), 32) });

/** Sets all batches. @param batches of each stage; null: all have the run's */
export const setBatches = (stages: Stages, batches: readonly number[] | null, usual: number): StageConfig[] =>
  stages.map((stage, at) => {
    const batch = batches?.[at] ?? usual;
    return { ...stage, batch: batch === usual ? null : batch };
  });

/** Sets a stage's share as typed; the others keep their proportions. */
export function setShare(stages: Stages, at: number, share: number): StageConfig[] {
  if (stages.length === 1) return [...stages];
  const rest = stages.reduce((sum, stage, index) => sum + (index === at ? 0 : stage.share), 0);
  const wanted = Math.min(Math.max(share, FINE), 1 - FINE * (stages.length - 1));
  return settled(
    stages.map((stage, index) => ({ ...stage, share: index === at ? wanted : (stage.share * (1 - wanted)) / rest })),
  );
}

/** Splits a stage in two halves; a magnitude that rises within the stage rises over both. */
export function split(stages: Stages, at: number): StageConfig[] {
  const stage = stages[at];
  if (!stage || stage.share < 2 * FINE) return [...stages];
  const { magnitude, magnitude_end: end, share } = stage;
  const middle = end === null ? magnitude : clampMagnitude((magnitude + end) / 2);
  const first = { ...stage, share: share / 2, magnitude_end: end === null ? null : middle };
  const second = { ...stage, share: share / 2, magnitude: middle };
  return settled([...stages.slice(0, at), first, second, ...stages.slice(at + 1)]);
}

/** Removes the stage and gives its share to its left neighbour; the first one's goes to its right neighbour. */
export function mergeLeft(stages: Stages, at: number): StageConfig[] {
  const gone = stages[at];
  if (!gone || stages.length < 2) return [...stages];
  const heir = at === 0 ? 1 : at - 1;
  return settled(
    stages
      .map((stage, index) => (index === heir ? { ...stage, share: stage.share + gone.share } : stage))
      .filter((_, index) => index !== at),
  );
}

/** Removes the stage and gives its share to all others, in proportion. */
export const remove = (stages: Stages, at: number): StageConfig[] =>
  stages.length < 2 || !stages[at] ? [...stages] : settled(stages.filter((_, index) => index !== at));

/** Adds a stage after `at`, half way to the next one in side and magnitude; it takes half of `at`'s share. */
export function addAfter(stages: Stages, at: number, size: number, rule: SizeRule): StageConfig[] {
  const stage = stages[at];
  if (!stage || stage.share < 2 * FINE) return [...stages];
  const next = stages[at + 1];
  const own = stage.magnitude_end ?? stage.magnitude;
  const made: StageConfig = {
    ...stage,
    bandwidth: nearestValid((stage.bandwidth + (next?.bandwidth ?? size)) / 2, size, rule),
    magnitude: clampMagnitude((own + (next?.magnitude ?? own)) / 2),
    magnitude_end: null,
    share: stage.share / 2,
  };
  return settled([...stages.slice(0, at), { ...stage, share: stage.share / 2 }, made, ...stages.slice(at + 1)]);
}
