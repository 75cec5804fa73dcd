/** What a scan comes to as a dataset, as things stand, and its way into the store. */
import { basename, extname } from 'node:path';
import { IS_CHOICE, IS_OF } from '../engine/data/scan/exclusions';
import type { Scratch } from '../engine/data/scan/scratch';
import { freeName, insertDataset, newDatasetId, type Dataset, type DatasetRecord } from '../store/datasets';
import type { Store } from '../store/open';

const KEPT = 'usable = 1 AND excluded IS NULL';

/** The name that a source suggests. */
export const nameOf = (source: string): string => basename(source, extname(source));

function tally({ db }: Scratch, sql: string): Record<string, number> {
  return Object.fromEntries((db.prepare(sql).raw().all() as [string, number][]).map(([key, count]) => [key, count]));
}

/** Whether the rule for some kinds of finding leaves out all that they name; where they name nothing, it was not asked for. */
function isRule({ db }: Scratch, kinds: readonly string[]): boolean {
  const { found, kept } = db
    .prepare(
      `SELECT count(*) AS found, count(f.id) AS kept FROM problems p LEFT JOIN files f ON ${IS_OF} AND f.excluded IS NULL
        WHERE p.kind IN (${kinds.map(() => '?').join(', ')})`,
    )
    .get(...kinds) as { found: number; kept: number };
  return found > 0 && kept === 0;
}

/** A dataset that is not stored yet. */
export function describeScan(scratch: Scratch, name: string): Dataset {
  const { db } = scratch;
  const { root, format, val_split, seed, val_drawn } = scratch.facts();
  const counts: DatasetRecord['counts'] = {};
  for (const { split, label, count } of db
    .prepare(
      `SELECT split, class AS label, count(*) AS count FROM files WHERE ${KEPT} GROUP BY split, class ORDER BY split, class`,
    )
    .all() as { split: string; label: string; count: number }[]) {
    (counts[split] ??= {})[label] = count;
  }
  const classes = [...new Set(Object.values(counts).flatMap((labels) => Object.keys(labels)))].sort((a, b) => (a < b ? -1 : 1));
  const sizes = db
    .prepare(
      `SELECT coalesce(min(min(width, height)), 0) AS smallest, coalesce(max(max(width, height)), 0) AS largest FROM files WHERE ${KEPT}`,
    )
    .get() as { smallest: number; largest: number };
  const record: DatasetRecord = {
    counts,
    formats: tally(scratch, `SELECT format, count(*) FROM files WHERE ${KEPT} GROUP BY format`),
    problems: tally(scratch, 'SELECT kind, count(*) FROM problems GROUP BY kind'),
    excluded: tally(scratch, 'SELECT excluded, count(*) FROM files WHERE excluded IS NOT NULL GROUP BY excluded'),
    options: {
      ...{ val_split, seed, val_drawn },
      exclude_problems: isRule(scratch, ['duplicate', 'label_conflict']),
      exclude_leaks: isRule(scratch, ['leak']),
    },
    sizes,
  };
  return { id: newDatasetId(), name, root, format, created: new Date().toISOString(), classes, record };
}

/** Why nothing can be trained on it, in two sentences; null where it can. */
export function whyBlocked({ record, format }: Dataset): string | null {
  const { counts, problems } = record;
  if (counts['train'] && counts['val']) return null;
  const found =
    Object.entries(problems)
      .map(([kind, count]) => `${count} ${kind}`)
      .join(', ') || (format === 'csv' ? 'no rows' : 'no files in class folders');
  return `There is no usable ${counts['train'] ? 'validation' : 'training'} image: ${found}.`;
}

/**
 * Stores a dataset under its name or the next that is free, with what was left out and why. The rows go from file to file within SQLite,
 * in the table's own order.
 */
export function storeScan(store: Store, scratch: Scratch, dataset: Dataset): void {
  writeLabels(scratch, dataset.classes);
  store.prepare('ATTACH ? AS review').run(scratch.file);
  try {
    store
      .transaction(() => {
        dataset.name = freeName(store, dataset.name);
        insertDataset(store, dataset);
        store
          .prepare(
            `INSERT INTO samples (dataset_id, split, path, label, bytes, mtime_ms, sha256, format, width, height, orientation, fast)
              SELECT ?, split, path, label, bytes, mtime_ms, sha256, format, width, height, orientation, fast
              FROM review.files JOIN review.labels ON name = class WHERE ${KEPT} ORDER BY split, path`,
          )
          .run(dataset.id);
        store
          .prepare(
            `INSERT INTO problems (dataset_id, kind, path, reason, others, excluded)
              SELECT ?, kind, path, reason, others, NOT (${IS_CHOICE}) OR NOT EXISTS
                (SELECT 1 FROM review.files f WHERE f.path = p.path AND f.usable = 1 AND f.excluded IS NULL)
              FROM review.problems p ORDER BY kind, path`,
          )
          .run(dataset.id);
      })
      .immediate();
  } finally {
    store.prepare('DETACH review').run();
  }
}

function writeLabels({ db }: Scratch, classes: readonly string[]): void {
  db.transaction(() => {
    db.exec('DROP TABLE IF EXISTS labels; CREATE TABLE labels (name TEXT PRIMARY KEY, label INTEGER NOT NULL) WITHOUT ROWID');
    const insert = db.prepare('INSERT INTO labels (name, label) VALUES (?, ?)');
    classes.forEach((name, label) => insert.run(name, label));
  })();
}
