import type { Entry } from './entries';

/** Bytes that a value may have at most, somewhat below SQLite's limit of 1,000,000,000 for a row. */
const MOST_BYTES = 900_000_000;

/**
 * Returns the entry, or in place of details that no row can hold an event that says so: an entry that can never be
 * written would keep all later ones from the database.
 */
export function storable(entry: Entry, most = MOST_BYTES): Entry {
  if (entry.kind !== 'evaluation' || (entry.blob?.byteLength ?? 0) <= most) return entry;
  return {
    ...{ kind: 'event', step: entry.step, time: new Date().toISOString(), name: 'evaluation_not_stored' },
    message: `The details (${entry.detail}) of this evaluation have ${entry.blob?.byteLength} bytes, more than the database can hold. Its figures are stored.`,
  };
}
