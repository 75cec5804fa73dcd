import { wilson } from '../same-accuracy';
import type { Measured } from './problem';

/**
 * Returns the 95 % interval of a trial's accuracy: Wilson's score interval of its mean on as many images as all its
 * seeds have measured. It treats evaluations of different seeds as independent, although they are of the same images.
 */
export const intervalOf = ({ top1, n, seeds }: Measured): [number, number] => wilson(top1, n * seeds);

export function overlap(one: Measured, other: Measured): boolean {
  const [[low, high], [otherLow, otherHigh]] = [intervalOf(one), intervalOf(other)];
  return low <= otherHigh && otherLow <= high;
}
