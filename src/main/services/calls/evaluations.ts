import { lastEvaluation } from '../runs/class-accuracy';
import { learnedImages, learningOrderByClass } from '../runs/learning-order';
import { findRun } from '../../store/runs';
import type { Handlers } from '../core/context';

function cellsOf(confusion: readonly (readonly number[])[]): number[] {
  const cells: number[] = [];
  confusion.forEach((row, label) =>
    row.forEach((count, prediction) => {
      if (count) cells.push(label, prediction, count);
    }),
  );
  return cells;
}

export const handlers: Handlers<'evaluations'> = {
  'evaluations.last': ({ store }, { run, weights, at }) => {
    const { id, best } = findRun(store, run);
    const found =
      (at === 'best' && best ? lastEvaluation(store, id, weights, best.step) : null) ??
      lastEvaluation(store, id, weights);
    if (!found) return null;
    const { step, perClass, confusion } = found;
    return { step, weights, per_class: perClass, confusion: cellsOf(confusion) };
  },
  'evaluations.learning_order': ({ store }, { run, weights }) =>
    learningOrderByClass(store, findRun(store, run), weights),
  'evaluations.learned_images': ({ store }, { run, ...page }) => learnedImages(store, findRun(store, run), page),
};
