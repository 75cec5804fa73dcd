/**
 * Names of a task's signatures. `bandwidth` is the side of the model's input, `batch` the number of images on the
 * device at once.
 */

/** Which values of the parameters are evaluated: those that are trained, or their moving average. */
export type Weights = 'raw' | 'ema';

/** Returns the name of the signature that makes a step, with the last part of a batch or all of it. */
export const trainSignature = (bandwidth: number, batch: number): string => `train_${bandwidth}_${batch}`;

/** Returns the name of the signature for all parts of a batch but the last. */
export const accumulateSignature = (bandwidth: number, batch: number): string => `accumulate_${bandwidth}_${batch}`;

/** Returns the name of the signature that evaluates a batch. */
export const evalSignature = (bandwidth: number, batch: number, weights: Weights): string =>
  `evaluate_${bandwidth}_${batch}_${weights}`;
