/** Names the views of validation images in which a study measures checkpoints. Pure. */
import { filterText } from '../curriculum/frequency-filter';
import type { FrequencyFilter } from '../run-config';

/**
 * One way to prepare validation images. `weak` and `strong` prepare them as in training, with RandAugment of magnitude
 * 0 and of 9.
 */
export interface StudyView {
  id: string;
  filter: FrequencyFilter | null;
  images: 'plain' | 'weak' | 'strong';
}

/** Returns the views of a study. @param radii of the filters, in periods over the image */
export const viewsOf = (radii: readonly number[]): StudyView[] => [
  { id: 'plain', filter: null, images: 'plain' },
  ...(['low_pass', 'high_pass'] as const).flatMap((kind) =>
    radii.map((radius): StudyView => ({ id: filterText({ kind, radius }), filter: { kind, radius }, images: 'plain' })),
  ),
  { id: 'weak', filter: null, images: 'weak' },
  { id: 'strong', filter: null, images: 'strong' },
];
