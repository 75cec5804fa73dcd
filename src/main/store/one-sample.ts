/** Single rows of `samples`. */
import type { Store } from './open';
import type { SampleRow } from './samples';

/** The sample at `index` of a split, in order of path. */
export const sampleAt = (store: Store, datasetId: string, split: string, index: number): SampleRow | undefined =>
  store
    .prepare('SELECT * FROM samples WHERE dataset_id = ? AND split = ? ORDER BY path LIMIT 1 OFFSET ?')
    .get(datasetId, split, index) as SampleRow | undefined;

export const sampleOfPath = (store: Store, datasetId: string, path: string): SampleRow | undefined =>
  store.prepare('SELECT * FROM samples WHERE dataset_id = ? AND path = ? LIMIT 1').get(datasetId, path) as SampleRow | undefined;
