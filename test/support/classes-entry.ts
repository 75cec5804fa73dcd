import type { Entry } from '../../src/main/store/entries';

/**
 * Returns an evaluation's entry of a classification, beside its figures. @param confusion row = label, column =
 * prediction
 */
export const classesEntry = (
  step: number,
  weights: 'raw' | 'ema',
  perClass: { correct: number; count: number }[],
  confusion: number[],
): Entry => ({
  ...{ kind: 'evaluation', step, weights, detail: 'classes', json: perClass },
  blob: new Uint8Array(Int32Array.from(confusion).buffer),
});
