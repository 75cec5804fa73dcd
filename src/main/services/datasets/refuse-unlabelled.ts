/** Refuses work that needs labels on a dataset without any, before anything starts. */
import { isUnlabelled } from '../../../shared/labels';
import { AppError } from '../../../shared/errors';
import type { Dataset } from '../../store/datasets';

const WHY = {
  train: 'The model would learn from labels, and this dataset was imported without any.',
  evaluate: 'Accuracy is measured against labels, and this dataset was imported without any.',
  predict: 'Its run has no classes to choose from, because it was trained on images without labels.',
} as const;

/**
 * Refuses the work.
 * @param needsLabels whether the work needs labels
 * @param purpose of the work
 * @throws AppError bad_dataset
 */
export function refuseUnlabelled(
  dataset: Pick<Dataset, 'name' | 'classes'>,
  needsLabels: boolean,
  purpose: keyof typeof WHY = 'train',
): void {
  if (!needsLabels || !isUnlabelled(dataset)) return;
  throw new AppError({
    code: 'bad_dataset',
    what: `Dataset ${dataset.name} has no labels.`,
    why: WHY[purpose],
    next: 'Choose a dataset with classes. To give these images labels, import them as one folder per class or as a table of path,label.',
  });
}
