import { wilson } from '../same-accuracy';
import type { Measured } from './problem';

/**
 * Returns the 95 % interval of a trial's accuracy: Wilson's score interval of its mean on as many images as all its
 * seeds have measured. It treats evaluations of different seeds as independent, although they are of the same images.
 */
export const intervalOf = ({ top1, n, seeds }: Measured): [number, number] => wilson(top1, n * seeds);

/**
 * Says whether one's accuracy, raised by a tolerance, may be as high as the other's: its interval does not end below
 * the other's.
 */
export const mayReach = (one: Measured, other: Measured, tolerance = 0): boolean =>
  intervalOf(one)[1] + tolerance >= intervalOf(other)[0];

/** Says whether the 95 % intervals of two trials overlap. */
export const overlap = (one: Measured, other: Measured): boolean => mayReach(one, other) && mayReach(other, one);
