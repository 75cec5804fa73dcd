/** The tables `samples` and `problems`. */
import type { Dataset } from './datasets';
import { fromJson } from './json-column';
import type { Store } from './open';

/** Number of rows read at once. */
const PAGE = 2000;

/** An image of a dataset. */
export interface Sample {
  split: string;
  path: string;
  /** Index in the dataset's classes, or UNLABELLED. */
  label: number;
  bytes: number;
  mtime_ms: number;
  sha256: string;
  format: string;
  width: number;
  height: number;
  orientation: number;
  /** Whether TensorFlow's decoder may read parts of it (data/decode). */
  fast: boolean;
}

/** Columns of `samples` that make a `Sample`. */
export interface SampleRow extends Omit<Sample, 'fast'> {
  fast: 0 | 1;
}

export const SAMPLE_COLUMNS = 'split, path, label, bytes, mtime_ms, sha256, format, width, height, orientation, fast';

export const sampleOf = (row: SampleRow): Sample => ({ ...row, fast: row.fast === 1 });

/** A finding of a dataset's scan. */
export interface DatasetProblem {
  kind: string;
  path: string;
  reason: string;
  others?: string[];
  /** Whether the file was left out. */
  excluded: boolean;
}

interface ProblemRow extends Omit<DatasetProblem, 'others' | 'excluded'> {
  others: string | null;
  excluded: 0 | 1;
}

/** Sets new times of files, in whole milliseconds. */
export function setTimes(
  store: Store,
  datasetId: string,
  files: Iterable<{ split: string; path: string; mtimeMs: number }>,
): void {
  const update = store.prepare('UPDATE samples SET mtime_ms = ? WHERE dataset_id = ? AND split = ? AND path = ?');
  for (const { split, path, mtimeMs } of files) update.run(mtimeMs, datasetId, split, path);
}

export interface FileState {
  path: string;
  bytes: number;
  mtimeMs: number;
}

/**
 * Yields the recorded state of a split's files, in order of path; of more than `most`, about so many, evenly spread.
 * Rows are read in pages.
 */
export function* fileStates(store: Store, datasetId: string, split: string, most: number): Generator<FileState> {
  const { count } = countSamples(store, datasetId, split);
  const every = Math.max(1, Math.ceil(count / most));
  const rows = store.prepare(
    every === 1
      ? `SELECT path, bytes, mtime_ms AS mtimeMs FROM samples
            WHERE dataset_id = @datasetId AND split = @split AND path > @after ORDER BY path LIMIT @page`
      : `SELECT path, bytes, mtimeMs FROM (
            SELECT path, bytes, mtime_ms AS mtimeMs, row_number() OVER (ORDER BY path) AS place FROM samples
              WHERE dataset_id = @datasetId AND split = @split
          ) WHERE (place - 1) % @every = 0 ORDER BY path`,
  );
  if (every > 1) return yield* rows.all({ datasetId, split, every }) as FileState[];
  for (let after = ''; ;) {
    const page = rows.all({ datasetId, split, after, page: PAGE }) as FileState[];
    yield* page;
    if (page.length < PAGE) return;
    after = page.at(-1)?.path ?? after;
  }
}

/** Returns the sha256 of a file at import. */
export const contentOf = (store: Store, datasetId: string, split: string, path: string): string | undefined =>
  store
    .prepare('SELECT sha256 FROM samples WHERE dataset_id = ? AND split = ? AND path = ?')
    .pluck()
    .get(datasetId, split, path) as string | undefined;

/** Yields the samples in order of path, so that the order depends on the source and on no clock. */
export function* samplesOf(store: Store, datasetId: string, split: string): Generator<Sample> {
  const rows = store
    .prepare<[string, string], SampleRow>(
      `SELECT ${SAMPLE_COLUMNS} FROM samples WHERE dataset_id = ? AND split = ? ORDER BY path`,
    )
    .iterate(datasetId, split);
  for (const row of rows) yield sampleOf(row);
}

type Columns = [
  path: string,
  label: number,
  bytes: number,
  width: number,
  height: number,
  orientation: number,
  fast: number,
];

/** Returns the columns that a loader needs, in order of path, without an object a row because a split may be large. */
export const sampleColumns = (store: Store, datasetId: string, split: string): IterableIterator<Columns> =>
  store
    .prepare(
      'SELECT path, label, bytes, width, height, orientation, fast FROM samples WHERE dataset_id = ? AND split = ? ORDER BY path',
    )
    .raw()
    .iterate(datasetId, split) as IterableIterator<Columns>;

export const countSamples = (store: Store, datasetId: string, split: string): { count: number; pathBytes: number } =>
  store
    .prepare(
      'SELECT count(*) AS count, coalesce(sum(length(CAST(path AS BLOB))), 0) AS pathBytes FROM samples WHERE dataset_id = ? AND split = ?',
    )
    .get(datasetId, split) as { count: number; pathBytes: number };

export interface SamplePage {
  split: string;
  /** Class of the samples; null: all. */
  label: number | null;
  /** Part of the path, in any case; empty: all. */
  search: string;
  offset: number;
  limit: number;
}

/**
 * Returns a page in order of path. `total` counts all that match; null where the dataset's record has that number
 * already.
 */
export function pageOfSamples(
  store: Store,
  datasetId: string,
  { split, label, search, offset, limit }: SamplePage,
): { total: number | null; rows: Sample[] } {
  const where = [
    'dataset_id = @datasetId AND split = @split',
    ...(label === null ? [] : ['label = @label']),
    ...(search === '' ? [] : ["path LIKE @like ESCAPE '\\'"]),
  ].join(' AND ');
  const like = `%${search.replace(/[\\%_]/g, '\\$&')}%`;
  const given = { datasetId, split, label, like, offset, limit };
  const rows = store
    .prepare<[typeof given], SampleRow>(
      `SELECT ${SAMPLE_COLUMNS} FROM samples WHERE ${where} ORDER BY path LIMIT @limit OFFSET @offset`,
    )
    .all(given)
    .map(sampleOf);
  const total =
    search === '' ? null : (store.prepare(`SELECT count(*) FROM samples WHERE ${where}`).pluck().get(given) as number);
  return { total, rows };
}

/** Says whether a dataset has a file of this path among its images, the files left out, or their copies. */
export function namesFile(store: Store, { id, record }: Pick<Dataset, 'id' | 'record'>, path: string): boolean {
  const sample = store.prepare('SELECT 1 FROM samples WHERE dataset_id = ? AND split = ? AND path = ?');
  if (Object.keys(record.counts).some((split) => sample.get(id, split, path))) return true;
  const named = 'path = @path OR EXISTS (SELECT 1 FROM json_each(problems.others) WHERE value = @path)';
  return store.prepare(`SELECT 1 FROM problems WHERE dataset_id = @id AND (${named})`).get({ id, path }) !== undefined;
}

export const problemsOf = (store: Store, datasetId: string): DatasetProblem[] =>
  store
    .prepare<[string], ProblemRow>(
      'SELECT kind, path, reason, others, excluded FROM problems WHERE dataset_id = ? ORDER BY kind, path',
    )
    .all(datasetId)
    .map(({ others, excluded, ...row }) => ({
      ...row,
      ...(others ? { others: fromJson<string[]>(others) } : {}),
      excluded: excluded === 1,
    }));
