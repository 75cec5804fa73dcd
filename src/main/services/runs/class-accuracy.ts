/** Reads accuracy by class and the confusion matrix, as evaluations of classification have stored them. */
import { evaluationDetail } from '../../store/evaluation-details';
import type { Store } from '../../store/open';

export interface ClassEvaluation {
  step: number;
  weights: 'raw' | 'ema';
  perClass: { correct: number; count: number }[];
  /** Matrix [classes x classes], row = label, column = prediction. */
  confusion: number[][];
}

/** Returns the number of images on which a run's accuracy was last measured; null before its first evaluation. */
export function imagesMeasured(store: Store, runId: string): number | null {
  const row = evaluationDetail(store, runId, { kind: 'classes', weights: 'raw' });
  return row && (row.json as ClassEvaluation['perClass']).reduce((sum, { count }) => sum + count, 0);
}

/** Returns the content of the detail `classes`: accuracies as JSON, the confusion matrix as int32 bytes, row by row. */
export function classCells({
  json,
  blob,
}: {
  json: unknown;
  blob: Uint8Array | null;
}): Omit<ClassEvaluation, 'step' | 'weights'> {
  const perClass = json as ClassEvaluation['perClass'];
  const { buffer, byteOffset, byteLength } = blob ?? new Uint8Array();
  const cells = Array.from(new Int32Array(buffer.slice(byteOffset, byteOffset + byteLength)));
  const classes = perClass.length;
  return { perClass, confusion: perClass.map((_, label) => cells.slice(label * classes, (label + 1) * classes)) };
}

/**
 * Returns the last evaluation of these weights; null before the first. @param step that of this step; null: the last of
 * all
 */
export function lastEvaluation(
  store: Store,
  runId: string,
  weights: 'raw' | 'ema',
  step: number | null = null,
): ClassEvaluation | null {
  const row = evaluationDetail(store, runId, { kind: 'classes', weights, step });
  return row && { step: row.step, weights, ...classCells(row) };
}
