/** The table `exports`: where a run's weights were written for other programs, and how they were checked. */
import type { ExportRow } from '../../shared/contract/runs';
import { fromJson } from './json-column';
import type { Store } from './open';

/** A row of the table: the parity is JSON. */
interface StoredExport extends Omit<ExportRow, 'parity'> {
  parity: string;
}

/** Lists a run's exports, the oldest first. */
export const exportsOf = (store: Store, runId: string): ExportRow[] =>
  store
    .prepare<[string], StoredExport>(
      'SELECT path, format, created, parity FROM exports WHERE run_id = ? ORDER BY created',
    )
    .all(runId)
    .map((row) => ({ ...row, parity: fromJson<unknown>(row.parity) }));

/** Records an export in place of an earlier one at the same path. */
export function recordExport(
  store: Store,
  runId: string,
  { path, format, parity }: Pick<ExportRow, 'path' | 'format' | 'parity'>,
): void {
  store
    .prepare('INSERT OR REPLACE INTO exports (run_id, path, format, created, parity) VALUES (?, ?, ?, ?, ?)')
    .run(runId, path, format, new Date().toISOString(), JSON.stringify(parity));
}
