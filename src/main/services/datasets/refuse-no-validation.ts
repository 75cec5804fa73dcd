/** Refuses work that compares accuracies on a dataset without validation images, before anything is trained. */
import { AppError } from '../../../shared/errors';
import { sumOf } from '../../../shared/tally';
import type { Dataset } from '../../store/datasets';

/** @param who compares, as the beginning of a sentence: `A search` @throws AppError bad_dataset */
export function refuseNoValidation({ name, record }: Pick<Dataset, 'name' | 'record'>, who: string): void {
  if (sumOf(record.counts['val']) > 0) return;
  throw new AppError({
    code: 'bad_dataset',
    what: `Dataset ${name} has no validation images.`,
    why: `${who} compares accuracies that are measured on the split val.`,
    next: 'Import the folder again with a share of its images as val, or choose another dataset.',
  });
}
