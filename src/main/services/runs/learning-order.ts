/**
 * Finds the order in which a run has learned its validation images, from the results of its evaluations in the store.
 */
import { stagesTakenOver } from '../../../shared/curriculum/branch';
import type { LearnedStage } from '../../../shared/learning-order';
import { OUTCOMES, readOutcomes, type Outcomes } from '../../engine/tasks/outcomes';
import { lastDetailWithin } from '../../store/evaluation-details';
import type { Store } from '../../store/open';
import { runById, type Run } from '../../store/runs';
import { countSamples, sampleColumns } from '../../store/samples';
import { learnedAt, NOT_MEASURED } from './learned-at';

/** Split on which evaluations of a task with classes are made (runs/evaluation-samples.ts). */
const SPLIT = 'val';

export interface LearningOrder {
  /** Stages with an evaluation so far. */
  stages: LearnedStage[];
  /** Number of images that are wrong in the last stage's evaluation. */
  never: number;
  /** Number of images that every one of these evaluations could read: the sum of all counts. */
  total: number;
  /** Number of images of the split that one of them could not read; null where the dataset has been removed. */
  unread: number | null;
}

interface Measured {
  stages: LearnedStage[];
  /** Result of `learnedAt`, in the split's order. */
  images: Int16Array;
}

/** Returns the last evaluation of a stage; for a stage that a branch has taken over, its parent's. */
function evaluationOf(
  store: Store,
  run: Run,
  stage: number,
  weights: 'raw' | 'ema',
): { step: number; outcomes: Outcomes } | null {
  if (stage < stagesTakenOver(run.config)) {
    const parent = run.parent && runById(store, run.parent.run);
    return parent ? evaluationOf(store, parent, stage, weights) : null;
  }
  const { first_step, steps } = run.plan.stages[stage] ?? { first_step: 0, steps: 0 };
  const row = lastDetailWithin(store, run.id, { kind: OUTCOMES, weights, from: first_step, to: first_step + steps });
  return row && { step: row.step, outcomes: readOutcomes(row) };
}

/** Returns null where there is no such evaluation, or where a stage before the last that has one lacks its own. */
function measured(store: Store, run: Run, weights: 'raw' | 'ema'): Measured | null {
  const all = run.plan.stages.flatMap(({ bandwidth, steps }, stage) =>
    steps ? [{ stage, bandwidth, made: evaluationOf(store, run, stage, weights) }] : [],
  );
  const reached = all.slice(0, 1 + all.findLastIndex(({ made }) => made));
  const known = reached.flatMap(({ stage, bandwidth, made }) => (made ? [{ stage, bandwidth, ...made }] : []));
  if (!known.length || known.length < reached.length) return null;
  const images = learnedAt(known.map(({ outcomes }) => outcomes));
  const counts = countsOf(images, known.length);
  const stages = known.map(({ stage, bandwidth, step }, index) => ({
    stage,
    bandwidth,
    step,
    count: counts[index] ?? 0,
  }));
  return { stages, images };
}

/** Counts the images of each stage and, after them, those never learned. */
function countsOf(images: Int16Array, stages: number): number[] {
  const counts = Array<number>(stages + 1).fill(0);
  for (const at of images) if (at !== NOT_MEASURED) counts[at] = (counts[at] as number) + 1;
  return counts;
}

function orderOf(store: Store, run: Run, { stages, images }: Measured): LearningOrder {
  const never = countsOf(images, stages.length).at(-1) ?? 0;
  const total = stages.reduce((sum, { count }) => sum + count, never);
  const { count } = countSamples(store, run.dataset_id, SPLIT);
  return { stages, never, total, unread: count ? count - total : null };
}

/**
 * Returns the learning order by the last evaluation of each stage of a run; a run that trains has it from its
 * evaluations so far.
 * @returns null where its evaluations have not kept which images were right: a task without classes, or an earlier
 * version
 */
export function learningOrder(store: Store, run: Run, weights: 'raw' | 'ema'): LearningOrder | null {
  const found = measured(store, run, weights);
  return found && orderOf(store, run, found);
}

export interface ClassedLearningOrder extends LearningOrder {
  /**
   * For each class, the number of images of each stage and, after them, of those never learned; empty where the dataset
   * has been removed.
   */
  per_class: number[][];
}

export function learningOrderByClass(store: Store, run: Run, weights: 'raw' | 'ema'): ClassedLearningOrder | null {
  const found = measured(store, run, weights);
  if (!found) return null;
  const { stages, images } = found;
  const rows: number[][] = [];
  let image = 0;
  for (const [, label] of sampleColumns(store, run.dataset_id, SPLIT)) {
    while (rows.length <= label) rows.push(Array<number>(stages.length + 1).fill(0));
    const at = images[image++] ?? NOT_MEASURED;
    const row = rows[label];
    if (row && at !== NOT_MEASURED) row[at] = (row[at] as number) + 1;
  }
  return { ...orderOf(store, run, found), per_class: rows };
}

export interface LearnedPage {
  weights: 'raw' | 'ema';
  /** Bandwidth of the stages at which the images were learned; null: images never learned. */
  bandwidth: number | null;
  /** Class; null: all classes. */
  label: number | null;
  offset: number;
  limit: number;
}

/** Returns a page of the images of one group, in the split's order; `total` counts all of the group. */
export function learnedImages(
  store: Store,
  run: Run,
  { weights, bandwidth, label: wanted, offset, limit }: LearnedPage,
): { total: number; images: { path: string; label: number }[] } {
  const { stages, images: learned } = measured(store, run, weights) ?? { stages: [], images: new Int16Array() };
  const images: { path: string; label: number }[] = [];
  let [image, total] = [0, 0];
  for (const [path, label] of sampleColumns(store, run.dataset_id, SPLIT)) {
    const at = learned[image++] ?? NOT_MEASURED;
    if (at === NOT_MEASURED || (wanted !== null && label !== wanted)) continue;
    if ((stages[at]?.bandwidth ?? null) !== bandwidth) continue;
    if (total >= offset && images.length < limit) images.push({ path, label });
    total++;
  }
  return { total, images };
}
