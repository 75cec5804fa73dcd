/** RandAugment's magnitude at the end of a line on a stage; nothing where images are augmented with none. */
import { significant } from './numbers';

/** @param between what stands between it and the words before */
export const magnitudeText = (magnitude: number | null, between = ' · '): string =>
  magnitude === null ? '' : `${between}m ${significant(magnitude, 2)}`;
