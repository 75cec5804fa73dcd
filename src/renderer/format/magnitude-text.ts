/** Appends RandAugment's magnitude to a stage's line; nothing where images are augmented without it. */
import { significant } from './numbers';

/** @param between text before the magnitude */
export const magnitudeText = (magnitude: number | null, between = ' · '): string =>
  magnitude === null ? '' : `${between}m ${significant(magnitude, 2)}`;
