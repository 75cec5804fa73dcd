/** Copies a scan to rows of `datasets`, `samples` and `problems`. */
import { freeName, insertDataset, type Dataset } from './datasets';
import type { Store } from './open';
import { SAMPLE_COLUMNS } from './samples';

/**
 * Stores a dataset under its name or the next that is free. The rows go from file to file within SQLite, in the order
 * of the tables' keys.
 * @param file a database with `taken`, of the columns of `samples`, and `findings`, of those of `problems`
 * @param dataset its name is set to the one under which it is stored
 */
export function importScan(store: Store, file: string, dataset: Dataset): void {
  store.prepare('ATTACH ? AS review').run(file);
  try {
    store
      .transaction(() => {
        dataset.name = freeName(store, dataset.name);
        insertDataset(store, dataset);
        store
          .prepare(
            `INSERT INTO samples (dataset_id, ${SAMPLE_COLUMNS})
              SELECT ?, ${SAMPLE_COLUMNS} FROM review.taken ORDER BY split, path`,
          )
          .run(dataset.id);
        store
          .prepare(
            `INSERT INTO problems (dataset_id, kind, path, reason, others, excluded)
              SELECT ?, kind, path, reason, others, excluded FROM review.findings ORDER BY kind, path`,
          )
          .run(dataset.id);
      })
      .immediate();
  } finally {
    store.prepare('DETACH review').run();
  }
}
