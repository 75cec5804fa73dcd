/** Bars of the learning order: one of all images, and one of each class. Pure. */
import type { LearningOrderInfo } from '../../../shared/contract/evaluations';
import { learnedGroups, type LearnedGroup } from '../../../shared/learning-order';

export interface LearnedRow {
  /** Class; null: all classes together. */
  label: number | null;
  groups: LearnedGroup[];
  /** Number of images in all groups. */
  count: number;
}

/**
 * Makes the rows: all images first, then the classes in the dataset's order. @param classes of the dataset; those
 * without measured images have empty bars
 */
export function learnedRows({ stages, never, total, per_class }: LearningOrderInfo, classes: number): LearnedRow[] {
  const all = {
    label: null,
    groups: learnedGroups(stages, [...stages.map(({ count }) => count), never]),
    count: total,
  };
  if (!per_class.length) return [all];
  const rows = Array.from({ length: Math.max(classes, per_class.length) }, (_, label): LearnedRow => {
    const counts = per_class[label] ?? [];
    return { label, groups: learnedGroups(stages, counts), count: counts.reduce((sum, count) => sum + count, 0) };
  });
  return [all, ...rows];
}
