/** Reads single rows of `samples`. */
import type { Store } from './open';
import { SAMPLE_COLUMNS, sampleOf, type Sample, type SampleRow } from './samples';

/** Returns the sample at `index` of a split, in order of path. */
export function sampleAt(store: Store, datasetId: string, split: string, index: number): Sample | undefined {
  const row = store
    .prepare<[string, string, number], SampleRow>(
      `SELECT ${SAMPLE_COLUMNS} FROM samples WHERE dataset_id = ? AND split = ? ORDER BY path LIMIT 1 OFFSET ?`,
    )
    .get(datasetId, split, index);
  return row && sampleOf(row);
}

export function sampleOfPath(store: Store, datasetId: string, path: string): Sample | undefined {
  const row = store
    .prepare<[string, string], SampleRow>(
      `SELECT ${SAMPLE_COLUMNS} FROM samples WHERE dataset_id = ? AND path = ? LIMIT 1`,
    )
    .get(datasetId, path);
  return row && sampleOf(row);
}
