import { lastEvaluation } from '../runs/class-accuracy';
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
      (at === 'best' && best ? lastEvaluation(store, id, weights, best.step) : null) ?? lastEvaluation(store, id, weights);
    if (!found) return null;
    const { step, perClass, confusion } = found;
    return { step, weights, per_class: perClass, confusion: cellsOf(confusion) };
  },
};
