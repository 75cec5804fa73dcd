/**
 * Chooses the images on which a run is measured: the split `val`, or, where there is none and no labels are needed, a
 * fixed part of `train`.
 */
import { sumOf } from '../../../shared/tally';
import { pickSamples } from '../../engine/data/pick-samples';
import type { Task } from '../../engine/tasks/task';
import type { SampleTable } from '../../engine/types';
import type { Dataset } from '../../store/datasets';
import type { Store } from '../../store/open';
import { loadSampleTable } from '../datasets/datasets';

/** Largest number of images that replace a validation split. */
const MOST = 1000;

export interface EvaluationSamples {
  split: 'val' | 'train';
  samples: SampleTable;
}

/**
 * Returns the samples.
 * @param train reads the whole table of `train`, where it is needed @throws AppError bad_dataset where a task that
 * needs labels has no split `val`
 */
export function evaluationSamples(
  store: Store,
  dataset: Dataset,
  { needsLabels }: Pick<Task, 'needsLabels'>,
  train: () => SampleTable,
): EvaluationSamples {
  const hasVal = sumOf(dataset.record.counts['val']) > 0;
  if (hasVal || needsLabels) return { split: 'val', samples: loadSampleTable(store, dataset, 'val') };
  return { split: 'train', samples: pickSamples(train(), MOST) };
}

export const noValidation = ({ name }: Dataset, images: number): string =>
  `Dataset ${name} has no validation split, so this run is measured on ${images} of its training images, always the same ones.`;
