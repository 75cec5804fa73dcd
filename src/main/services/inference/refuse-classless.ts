/** Refuses to name classes with a network that has none. */
import { AppError } from '../../../shared/errors';
import { findTask } from '../../engine/tasks';
import type { Run } from '../../store/runs';

/** @throws AppError invalid_config where the run's task has no classes */
export function refuseClassless({ id, name, config }: Pick<Run, 'id' | 'name' | 'config'>): void {
  if (findTask(config.task).needsLabels) return;
  throw new AppError({
    code: 'invalid_config',
    what: `Run ${name} can't name classes.`,
    why: `Its task ${config.task} trains an encoder without labels, and no classifier.`,
    next: `Train a classifier from it: efficienttrain train --init ${id} --dataset DATASET. Or measure its features: efficienttrain evaluate ${id} --knn --dataset DATASET.`,
    action: { id: 'train_classifier' },
  });
}
