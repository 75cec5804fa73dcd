/** The table `stages`: how far each stage of a run has come, and what it has taken. */
import type { Store } from './open';

export interface StageTime {
  stage: number;
  steps_done: number;
  seconds: number;
  compute_seconds: number;
  loader_seconds: number;
  images: number;
  /** Number of images that were decoded from files; the others were replayed. */
  images_decoded: number;
}

/** Lists the stages of a run that have begun, in their order. */
export const stageTimes = (store: Store, runId: string): StageTime[] =>
  store
    .prepare(
      `SELECT stage, steps_done, seconds, compute_seconds, loader_seconds, images,
          coalesce(images_decoded, images) AS images_decoded
        FROM stages WHERE run_id = ? ORDER BY stage`,
    )
    .all(runId) as StageTime[];

/** Records a stage's totals in place of its earlier ones. */
export function recordStage(store: Store, runId: string, totals: StageTime): void {
  store
    .prepare(
      `INSERT OR REPLACE INTO stages
          (run_id, stage, steps_done, seconds, compute_seconds, loader_seconds, images, images_decoded)
        VALUES (@runId, @stage, @steps_done, @seconds, @compute_seconds, @loader_seconds, @images, @images_decoded)`,
    )
    .run({ runId, ...totals });
}

export function forgetStagesAfter(store: Store, runId: string, stage: number): void {
  store.prepare('DELETE FROM stages WHERE run_id = ? AND stage > ?').run(runId, stage);
}
