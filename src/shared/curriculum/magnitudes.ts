/**
 * Says whether a run's images are augmented with RandAugment, whose magnitude is then the stage's. Without it no
 * magnitude is drawn.
 */
import type { RunConfig } from '../run-config';

/** Says whether the images are augmented with RandAugment. */
export const drawsMagnitude = ({ auto_augment }: Pick<RunConfig['data'], 'auto_augment'>): boolean =>
  auto_augment === 'randaug';

/** Returns the magnitude that is drawn; null: none is. */
export const drawnMagnitude = (magnitude: number, data: Pick<RunConfig['data'], 'auto_augment'>): number | null =>
  drawsMagnitude(data) ? magnitude : null;
