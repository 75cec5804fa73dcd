/** Rows of `datasets`, with what was left out and why. */
import { randomBytes } from 'node:crypto';
import type { LayoutFacts } from '../../shared/contract/layout';
import { AppError } from '../../shared/errors';
import type { Tally } from '../../shared/tally';
import { fromJson } from './json-column';
import type { Store } from './open';

export interface DatasetRecord {
  /** Maps split -> class -> number of images; for images without labels the one class is NO_CLASS. */
  counts: Record<string, Tally>;
  formats: Tally;
  /** Number of problems by kind. */
  problems: Record<string, number>;
  /** Number of files left out by an option, by kind. */
  excluded: Record<string, number>;
  /** Number of files that were kept although they falsify the measurement, by kind; absent in earlier versions. */
  kept?: Record<string, number>;
  options: {
    val_split: number;
    seed: number;
    exclude_problems: boolean;
    exclude_leaks: boolean;
    val_drawn: boolean;
    /** How folders were read; absent in records of earlier versions. */
    layout?: LayoutFacts;
  };
  /** Shortest and longest side over all images. */
  sizes: { smallest: number; largest: number };
}

export interface Dataset {
  id: string;
  name: string;
  root: string;
  format: string;
  created: string;
  /** Class names; empty where its images have no labels. */
  classes: string[];
  record: DatasetRecord;
}

/** A row of `datasets`: classes and record are JSON. */
interface DatasetRow extends Omit<Dataset, 'classes' | 'record'> {
  classes: string;
  record: string;
}

const fromRow = ({ classes, record, ...row }: DatasetRow): Dataset => ({
  ...row,
  classes: fromJson<string[]>(classes),
  record: fromJson<DatasetRecord>(record),
});

export const newDatasetId = (): string => randomBytes(5).toString('hex');

export function insertDataset(store: Store, dataset: Dataset): void {
  store
    .prepare('INSERT INTO datasets (id, name, root, format, created, classes, record) VALUES (?, ?, ?, ?, ?, ?, ?)')
    .run(
      dataset.id,
      dataset.name,
      dataset.root,
      dataset.format,
      dataset.created,
      JSON.stringify(dataset.classes),
      JSON.stringify(dataset.record),
    );
}

export const listDatasets = (store: Store): Dataset[] =>
  store.prepare<[], DatasetRow>('SELECT * FROM datasets ORDER BY created DESC').all().map(fromRow);

/** Returns `name`, or the first of `name-2`, `name-3` ... that is free. */
export function freeName(store: Store, name: string): string {
  const taken = new Set(store.prepare('SELECT name FROM datasets').pluck().all() as string[]);
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? name : `${name}-${number}`;
    if (!taken.has(candidate)) return candidate;
  }
}

/** Returns the dataset of an id, a unique prefix of one, or a name. @throws AppError not_found, ambiguous */
export function findDataset(store: Store, reference: string): Dataset {
  const rows = store
    .prepare<{ reference: string }, DatasetRow>(
      'SELECT * FROM datasets WHERE id = @reference OR name = @reference OR substr(id, 1, length(@reference)) = @reference',
    )
    .all({ reference });
  const found =
    rows.find(({ id, name }) => id === reference || name === reference) ?? (rows.length === 1 ? rows[0] : undefined);
  if (found) return fromRow(found);
  if (!rows.length)
    throw new AppError({
      code: 'not_found',
      what: `There is no dataset ${reference}.`,
      why: 'No id, prefix of an id or name is this.',
      next: 'Run `efficienttrain datasets` to see them, or `efficienttrain import FOLDER`.',
      action: { id: 'choose_dataset' },
    });
  throw new AppError({
    code: 'ambiguous',
    what: `${reference} means more than one dataset.`,
    why: `It fits ${rows.map(({ id }) => id).join(', ')}.`,
    next: 'Use the whole id.',
  });
}

export const nameTaken = (store: Store, name: string): boolean =>
  store.prepare('SELECT 1 FROM datasets WHERE name = ?').get(name) !== undefined;
export const setName = (store: Store, id: string, name: string): unknown =>
  store.prepare('UPDATE datasets SET name = ? WHERE id = ?').run(name, id);
export const setRoot = (store: Store, id: string, root: string): unknown =>
  store.prepare('UPDATE datasets SET root = ? WHERE id = ?').run(root, id);
export const deleteDataset = (store: Store, id: string): unknown =>
  store.prepare('DELETE FROM datasets WHERE id = ?').run(id);
export const runsUsing = (store: Store, id: string): string[] =>
  store.prepare('SELECT name FROM runs WHERE dataset_id = ?').pluck().all(id) as string[];
/** Returns the ids of the runs that used it, newest first. */
export const runIdsUsing = (store: Store, id: string): string[] =>
  store.prepare('SELECT id FROM runs WHERE dataset_id = ? ORDER BY created DESC').pluck().all(id) as string[];
