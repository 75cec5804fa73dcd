/** The table `evaluation_details`: results of a run's evaluations beside their figures, packed by the run's task. */
import type { Store } from './open';

export interface EvaluationDetailRow {
  step: number;
  weights: 'raw' | 'ema';
  json: unknown;
  blob: Buffer | null;
}

interface Row {
  step: number;
  json: string;
  blob: Buffer | null;
}

export interface NewDetail {
  kind: string;
  weights: 'raw' | 'ema';
  step: number;
  json: unknown;
  blob: Uint8Array | null;
}

/** Adds a detail and replaces that of the same evaluation, which a resumed run repeats. */
export function addEvaluationDetail(store: Store, runId: string, { kind, weights, step, json, blob }: NewDetail): void {
  store
    .prepare(
      'INSERT OR REPLACE INTO evaluation_details (run_id, kind, weights, step, json, blob) VALUES (?, ?, ?, ?, ?, ?)',
    )
    .run(runId, kind, weights, step, JSON.stringify(json), blob);
}

/**
 * Returns the detail of the last evaluation of these weights, or of the one after `step` finished steps; null where
 * there is none.
 */
export function evaluationDetail(
  store: Store,
  runId: string,
  { kind, weights, step = null }: { kind: string; weights: 'raw' | 'ema'; step?: number | null },
): EvaluationDetailRow | null {
  const row = store
    .prepare(
      `SELECT step, json, blob FROM evaluation_details WHERE run_id = @runId AND kind = @kind AND weights = @weights
        AND step BETWEEN coalesce(@step, 0) AND coalesce(@step, ${Number.MAX_SAFE_INTEGER}) ORDER BY step DESC LIMIT 1`,
    )
    .get({ runId, kind, weights, step }) as Row | undefined;
  return row ? { step: row.step, weights, json: JSON.parse(row.json) as unknown, blob: row.blob } : null;
}

/**
 * Returns the detail of the last evaluation of these weights after more than `from` and at most `to` finished steps;
 * null where there is none.
 */
export function lastDetailWithin(
  store: Store,
  runId: string,
  { kind, weights, from, to }: { kind: string; weights: 'raw' | 'ema'; from: number; to: number },
): EvaluationDetailRow | null {
  const row = store
    .prepare(
      `SELECT step, json, blob FROM evaluation_details WHERE run_id = ? AND kind = ? AND weights = ? AND step > ? AND step <= ?
        ORDER BY step DESC LIMIT 1`,
    )
    .get(runId, kind, weights, from, to) as Row | undefined;
  return row ? { step: row.step, weights, json: JSON.parse(row.json) as unknown, blob: row.blob } : null;
}

/** Returns the steps after which an evaluation of these weights has left a detail of this kind, in order. */
export const detailSteps = (store: Store, runId: string, kind: string, weights: 'raw' | 'ema'): number[] =>
  store
    .prepare('SELECT step FROM evaluation_details WHERE run_id = ? AND kind = ? AND weights = ? ORDER BY step')
    .pluck()
    .all(runId, kind, weights) as number[];

/** Deletes the details of evaluations after `steps` finished steps. */
export function forgetDetailsAfter(store: Store, runId: string, steps: number): void {
  store.prepare('DELETE FROM evaluation_details WHERE run_id = ? AND step > ?').run(runId, steps);
}
