/** Describes a scan as a dataset, in its present state, and stores it. */
import { basename, extname } from 'node:path';
import { RED_KINDS } from '../../../shared/contract/reviews';
import { byCodePoint } from '../../../shared/code-points';
import { NO_CLASS, UNLABELLED } from '../../../shared/labels';
import { tallyOf } from '../../../shared/tally';
import type { ProblemKind } from '../../engine/data/scan/entries';
import { IS_CHOICE, IS_KEPT, IS_NOTE, isAlwaysOut } from '../../engine/data/scan/exclusions';
import type { Scratch } from '../../engine/data/scan/scratch';
import { importScan } from '../../store/dataset-import';
import { newDatasetId, type Dataset, type DatasetRecord } from '../../store/datasets';
import type { Store } from '../../store/open';

const KEPT = 'usable = 1 AND excluded IS NULL';

/** Returns the name that a source suggests. */
export const nameOf = (source: string): string => basename(source, extname(source));

/** Maps a kind to its number of findings, and of their files that are left out. */
export type FindingCounts = Record<string, { count: number; excluded: number }>;

export function countFindings({ db }: Scratch): FindingCounts {
  const found = db.prepare('SELECT kind, count FROM found').all() as {
    kind: ProblemKind;
    count: number;
  }[];
  const left = db
    .prepare(
      `SELECT p.kind, count(DISTINCT p.path) FROM files x CROSS JOIN problems p ON p.path = x.path
        WHERE x.excluded IS NOT NULL AND ${IS_CHOICE} AND NOT ${IS_KEPT} GROUP BY p.kind`,
    )
    .raw()
    .all() as [string, number][];
  const excluded = new Map(left);
  return Object.fromEntries(
    found.map(({ kind, count }) => [kind, { count, excluded: isAlwaysOut(kind) ? count : (excluded.get(kind) ?? 0) }]),
  );
}

/** Counts the files that are kept although they falsify the measurement, by kind. */
const keptDespite = (findings: FindingCounts): Record<string, number> =>
  Object.fromEntries(
    RED_KINDS.flatMap((kind): [string, number][] => {
      const { count = 0, excluded = 0 } = findings[kind] ?? {};
      return count > excluded ? [[kind, count - excluded]] : [];
    }),
  );

/**
 * Says whether the rule for some kinds leaves out all that they name; where they name nothing, it was not asked for.
 */
function isRule(findings: FindingCounts, kinds: readonly string[]): boolean {
  const found = kinds.flatMap((kind) => findings[kind] ?? []);
  return found.length > 0 && found.every(({ count, excluded }) => count === excluded);
}

function tallyKept({ db }: Scratch): Pick<DatasetRecord, 'counts' | 'formats' | 'sizes'> {
  const rows = db
    .prepare('SELECT split, coalesce(class, ?) AS label, format, count FROM tallies WHERE count > 0')
    .all(NO_CLASS) as {
    split: string;
    label: string;
    format: string;
    count: number;
  }[];
  const [splits, formats] = [new Map<string, Map<string, number>>(), new Map<string, number>()];
  for (const { split, label, format, count } of rows) {
    const labels = splits.get(split) ?? new Map<string, number>();
    splits.set(split, labels.set(label, (labels.get(label) ?? 0) + count));
    formats.set(format, (formats.get(format) ?? 0) + count);
  }
  const counts = Object.fromEntries([...splits].map(([split, labels]) => [split, tallyOf(labels)]));
  const end = (side: 'min' | 'max'): number => {
    const value = `${side}(width, height)`;
    const order = side === 'min' ? 'ASC' : 'DESC';
    return (db.prepare(`SELECT ${value} FROM files WHERE ${KEPT} ORDER BY ${value} ${order} LIMIT 1`).pluck().get() ??
      0) as number;
  };
  return { counts, formats: tallyOf(formats), sizes: { smallest: end('min'), largest: end('max') } };
}

/** Describes a dataset that is not stored yet. */
export function describeScan(scratch: Scratch, name: string, findings = countFindings(scratch)): Dataset {
  const { db } = scratch;
  const { root, format, read, val_split, seed, val_drawn, layout } = scratch.facts();
  const { counts, formats, sizes } = tallyKept(scratch);
  const named = new Set(Object.values(counts).flatMap((labels) => Object.keys(labels)));
  const classes = read?.unlabelled ? [] : [...named].sort(byCodePoint);
  const excluded = db
    .prepare('SELECT excluded, count(*) FROM files WHERE excluded IS NOT NULL GROUP BY excluded')
    .raw()
    .all() as [string, number][];
  const record: DatasetRecord = {
    ...{ counts, formats, sizes, excluded: Object.fromEntries(excluded), kept: keptDespite(findings) },
    problems: Object.fromEntries(Object.entries(findings).map(([kind, { count }]) => [kind, count])),
    options: {
      ...{ val_split, seed, val_drawn, ...(layout ? { layout } : {}) },
      exclude_problems: isRule(findings, ['duplicate', 'label_conflict']),
      exclude_leaks: isRule(findings, ['leak']),
    },
  };
  return { id: newDatasetId(), name, root, format, created: new Date().toISOString(), classes, record };
}

/** Stores a dataset under its name or the next that is free, with what was left out and why. */
export function storeScan(store: Store, scratch: Scratch, dataset: Dataset): void {
  writeLabels(scratch, dataset.classes);
  writeViews(scratch);
  importScan(store, scratch.file, dataset);
}

function writeLabels({ db }: Scratch, classes: readonly string[]): void {
  db.transaction(() => {
    db.exec(
      'DROP TABLE IF EXISTS labels; CREATE TABLE labels (name TEXT PRIMARY KEY, label INTEGER NOT NULL) WITHOUT ROWID',
    );
    const insert = db.prepare('INSERT INTO labels (name, label) VALUES (?, ?)');
    classes.forEach((name, label) => insert.run(name, label));
  })();
}

/** Makes the views of a scan that the store reads (store/dataset-import.ts). */
const writeViews = ({ db }: Scratch): unknown =>
  db.exec(`
    DROP VIEW IF EXISTS taken;
    CREATE VIEW taken AS
      SELECT split, path, coalesce(label, ${UNLABELLED}) AS label, bytes, mtime_ms, sha256, format, width, height, orientation, fast
        FROM files LEFT JOIN labels ON name = class WHERE ${KEPT};
    DROP VIEW IF EXISTS findings;
    CREATE VIEW findings AS
      SELECT kind, path, reason, others, NOT (${IS_NOTE}) AND (NOT (${IS_CHOICE}) OR NOT ${IS_KEPT}) AS excluded FROM problems p;
  `);
