import { lastCells } from '../runs/class-accuracy';
import { learnedImages, learningOrderByClass } from '../runs/learning-order';
import { findRun } from '../../store/runs';
import type { Handlers } from '../core/context';

export const handlers: Handlers<'evaluations'> = {
  'evaluations.last': ({ store }, { run, weights, at }) => {
    const { id, best } = findRun(store, run);
    const found =
      (at === 'best' && best ? lastCells(store, id, weights, best.step) : null) ?? lastCells(store, id, weights);
    if (!found) return null;
    const { step, perClass, cells } = found;
    return { step, weights, per_class: perClass, confusion: cells };
  },
  'evaluations.learning_order': ({ store }, { run, weights }) =>
    learningOrderByClass(store, findRun(store, run), weights),
  'evaluations.learned_images': ({ store }, { run, ...page }) => learnedImages(store, findRun(store, run), page),
};
