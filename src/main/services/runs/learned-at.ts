/** Finds, from the outcomes of a run's evaluations, the stage from which on each image stayed right. Pure. */
import { bitAt, type Outcomes } from '../../engine/tasks/outcomes';

/** Marks an image that at least one of the evaluations could not read. */
export const NOT_MEASURED = -1;

/**
 * Finds the stages.
 * @param evaluations one for each stage, in the stages' order
 * @returns [images], each an index into `evaluations`: the first from which on the image is right in all. Images that
 * are wrong in the last one have `evaluations.length`; those that one of them has not measured, padding too, have
 * NOT_MEASURED.
 */
export function learnedAt(evaluations: readonly Outcomes[]): Int16Array {
  const images = 8 * Math.max(0, ...evaluations.map(({ measured }) => measured.length));
  return Int16Array.from({ length: images }, (_, image) => {
    if (!evaluations.every(({ measured }) => bitAt(measured, image))) return NOT_MEASURED;
    return 1 + evaluations.findLastIndex(({ right }) => !bitAt(right, image));
  });
}
