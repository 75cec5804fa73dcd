/** Reads accuracy by class and the confusion matrix, as evaluations of classification have stored them. */
import { cellsOf, rowsOf } from '../../engine/tasks/confusion';
import { evaluationDetail } from '../../store/evaluation-details';
import type { Store } from '../../store/open';

export interface ClassCells {
  perClass: { correct: number; count: number }[];
  /** Matrix [classes x classes], row = label, column = prediction; null of more classes than a matrix is kept of. */
  confusion: number[][] | null;
  /** In place of a matrix, its cells with images, one after the other: label, prediction, images. */
  confusion_cells?: number[];
}

export interface ClassEvaluation extends ClassCells {
  step: number;
  weights: 'raw' | 'ema';
}

/** The detail `classes` of an evaluation: accuracies as JSON, the packed confusion matrix as bytes of int32. */
export interface ClassesDetail {
  json: unknown;
  blob: Uint8Array | null;
}

/** Returns the number of images on which a run's accuracy was last measured; null before its first evaluation. */
export function imagesMeasured(store: Store, runId: string): number | null {
  const row = evaluationDetail(store, runId, { kind: 'classes', weights: 'raw' });
  return row && (row.json as ClassEvaluation['perClass']).reduce((sum, { count }) => sum + count, 0);
}

function packedOf({ blob }: ClassesDetail): Int32Array {
  const { buffer, byteOffset, byteLength } = blob ?? new Uint8Array();
  return new Int32Array(buffer.slice(byteOffset, byteOffset + byteLength));
}

export function classCells(detail: ClassesDetail): ClassCells {
  const perClass = detail.json as ClassEvaluation['perClass'];
  const packed = packedOf(detail);
  const confusion = rowsOf(packed, perClass.length);
  return { perClass, confusion, ...(confusion === null && { confusion_cells: cellsOf(packed, perClass.length) }) };
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

/** Returns the cells with images of the last evaluation, one after the other: label, prediction, images. */
export function lastCells(
  store: Store,
  runId: string,
  weights: 'raw' | 'ema',
  step: number | null = null,
): { step: number; perClass: ClassCells['perClass']; cells: number[] } | null {
  const row = evaluationDetail(store, runId, { kind: 'classes', weights, step });
  if (!row) return null;
  const perClass = row.json as ClassCells['perClass'];
  return { step: row.step, perClass, cells: cellsOf(packedOf(row), perClass.length) };
}
