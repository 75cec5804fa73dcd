/** Datasets: scan and commit, the table that a loader reads, and whether the files are still what was imported. */
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, extname, join, resolve } from 'node:path';
import { AppError } from '../../shared/errors';
import { scanDataset, type Scan, type ScanOptions } from '../engine/data/scan/scan';
import type { Problem } from '../engine/data/scan/entries';
import type { SampleTable } from '../engine/types';
import {
  freeName,
  insertDataset,
  newDatasetId,
  runsUsing,
  setRoot,
  deleteDataset,
  type Dataset,
  type DatasetRecord,
} from '../store/datasets';
import { countSamples, insertProblems, insertSamples, samplesOf, type SampleRow } from '../store/samples';
import type { Store } from '../store/open';

export interface ImportOptions extends Omit<ScanOptions, 'scratchFile'> {
  name?: string;
  home: string;
}

export interface Review {
  dataset: Dataset;
  problems: Problem[];
  /** Commits to the store; closes the scan. */
  commit: (store: Store) => void;
  /** Throws the scan away. */
  discard: () => void;
}

/** Scans a source; nothing is stored before `commit`. @throws AppError bad_dataset where nothing in it can be trained */
export async function reviewImport(options: ImportOptions): Promise<Review> {
  const source = resolve(options.source);
  const folder = join(options.home, 'tmp');
  clearAbandoned(folder);
  const scan = await scanDataset({ ...options, source, scratchFile: join(folder, `scan-${process.pid}-${Date.now()}.db`) });
  const { scratch } = scan;
  try {
    const dataset = describe(scan, options, options.name ?? basename(source, extname(source)));
    const problems = scratch.problems();
    if (!dataset.record.counts['train'] || !dataset.record.counts['val']) {
      const found =
        Object.entries(dataset.record.problems)
          .map(([kind, count]) => `${count} ${kind}`)
          .join(', ') || 'no files in class folders';
      const missing = dataset.record.counts['train'] ? 'validation' : 'training';
      throw new AppError({
        code: 'bad_dataset',
        what: `Nothing in ${source} can be trained on.`,
        why: `There is no usable ${missing} image: ${found}.`,
        next: 'Arrange the images as one folder per class, or give a CSV of path,label.',
      });
    }
    return { dataset, problems, commit: (store) => commit(store, scan, dataset, problems), discard: () => scratch.close() };
  } catch (error) {
    scratch.close();
    throw error;
  }
}

/** Working files of imports whose process was killed. */
function clearAbandoned(folder: string): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const pid = /^scan-(\d+)-\d+\.db/.exec(name)?.[1];
    if (pid !== undefined && hasEnded(Number(pid))) rmSync(join(folder, name), { force: true });
  }
}

function hasEnded(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

function describe({ root, format, drawn, scratch }: Scan, { valSplit, seed, exclude }: ImportOptions, name: string): Dataset {
  const { db } = scratch;
  const where = 'usable = 1 AND excluded IS NULL';
  const classes = (db.prepare(`SELECT DISTINCT class FROM files WHERE ${where}`).pluck().all() as string[]).sort((a, b) =>
    a < b ? -1 : 1,
  );
  const counts: DatasetRecord['counts'] = {};
  for (const { split, label, count } of db
    .prepare(`SELECT split, class AS label, count(*) AS count FROM files WHERE ${where} GROUP BY split, class ORDER BY class`)
    .all() as { split: string; label: string; count: number }[]) {
    (counts[split] ??= {})[label] = count;
  }
  const tally = (sql: string): Record<string, number> =>
    Object.fromEntries((db.prepare(sql).raw().all() as [string, number][]).map(([key, count]) => [key, count]));
  const sizes = db
    .prepare(
      `SELECT coalesce(min(min(width, height)), 0) AS smallest, coalesce(max(max(width, height)), 0) AS largest FROM files WHERE ${where}`,
    )
    .get() as { smallest: number; largest: number };
  const record: DatasetRecord = {
    counts,
    formats: tally(`SELECT format, count(*) FROM files WHERE ${where} GROUP BY format`),
    problems: tally('SELECT kind, count(*) FROM problems GROUP BY kind'),
    excluded: tally('SELECT excluded, count(*) FROM files WHERE excluded IS NOT NULL GROUP BY excluded'),
    options: { val_split: valSplit, seed, exclude_problems: exclude.problems, exclude_leaks: exclude.leaks, val_drawn: drawn },
    sizes,
  };
  return { id: newDatasetId(), name, root, format, created: new Date().toISOString(), classes, record };
}

function commit(store: Store, { scratch }: Scan, dataset: Dataset, problems: Problem[]): void {
  const labels = new Map(dataset.classes.map((name, index) => [name, index]));
  function* rows(): Generator<SampleRow> {
    for (const { path, className, split, bytes, mtimeMs, sha256, facts } of scratch.kept()) {
      yield {
        split,
        path,
        label: labels.get(className) as number,
        bytes,
        mtime_ms: mtimeMs,
        sha256,
        ...facts,
        fast: facts.fast ? 1 : 0,
      };
    }
  }
  const excluded = new Set(
    scratch.db.prepare('SELECT path FROM files WHERE usable = 0 OR excluded IS NOT NULL').pluck().all() as string[],
  );
  try {
    store
      .transaction(() => {
        dataset.name = freeName(store, dataset.name);
        insertDataset(store, dataset);
        insertSamples(store, dataset.id, rows());
        insertProblems(store, dataset.id, problems, excluded);
      })
      .immediate();
  } finally {
    scratch.close();
  }
}

/** A split as flat arrays in shared memory, in order of path. @throws AppError bad_dataset where the split is empty */
export function loadSampleTable(store: Store, dataset: Dataset, split: string): SampleTable {
  const { count, pathBytes } = countSamples(store, dataset.id, split);
  if (!count)
    throw new AppError({
      code: 'bad_dataset',
      what: `Dataset ${dataset.name} has no ${split} images.`,
      why: `Its splits are ${Object.keys(dataset.record.counts).join(', ')}.`,
      next: 'Choose another split.',
    });
  const shared = (bytes: number): SharedArrayBuffer => new SharedArrayBuffer(Math.max(bytes, 1));
  const table: SampleTable = {
    ...{
      count,
      root: dataset.root,
      paths: new Uint8Array(shared(pathBytes)),
      pathOffsets: new Uint32Array(shared(4 * (count + 1))),
      labels: new Int32Array(shared(4 * count)),
    },
    ...{
      widths: new Uint32Array(shared(4 * count)),
      heights: new Uint32Array(shared(4 * count)),
      orientations: new Uint8Array(shared(count)),
      fast: new Uint8Array(shared(count)),
    },
  };
  let [index, offset] = [0, 0];
  for (const row of samplesOf(store, dataset.id, split)) {
    const path = Buffer.from(row.path);
    table.paths.set(path, offset);
    offset += path.length;
    table.pathOffsets[index + 1] = offset;
    table.labels[index] = row.label;
    table.widths[index] = row.width;
    table.heights[index] = row.height;
    table.orientations[index] = row.orientation;
    table.fast[index] = row.fast;
    index++;
  }
  return table;
}

/** Files of the dataset under `root` that are missing or have another size or time, at most `limit` of each named. */
async function differences(store: Store, dataset: Dataset, root: string): Promise<{ missing: string[]; changed: string[] }> {
  const [missing, changed]: [string[], string[]] = [[], []];
  const check = async (row: SampleRow): Promise<void> => {
    const found = await stat(join(root, row.path)).catch(() => null);
    if (!found) missing.push(row.path);
    else if (found.size !== row.bytes || Math.floor(found.mtimeMs) !== row.mtime_ms) changed.push(row.path);
  };
  for (const split of Object.keys(dataset.record.counts)) {
    let batch: Promise<void>[] = [];
    for (const row of [...samplesOf(store, dataset.id, split)]) {
      batch.push(check(row));
      if (batch.length < 256) continue;
      await Promise.all(batch);
      batch = [];
    }
    await Promise.all(batch);
  }
  return { missing: missing.sort(), changed: changed.sort() };
}

const some = (paths: readonly string[]): string =>
  `${paths.slice(0, 3).join(', ')}${paths.length > 3 ? ` and ${paths.length - 3} more` : ''}`;

/** @throws AppError dataset_missing, dataset_changed saying what changed since import */
export async function verifyDataset(store: Store, dataset: Dataset): Promise<void> {
  if (!existsSync(dataset.root)) {
    throw new AppError({
      code: 'dataset_missing',
      what: `The folder of dataset ${dataset.name} is gone.`,
      why: `${dataset.root} is not there.`,
      next: `If it has moved: efficienttrain datasets locate ${dataset.name} NEW_FOLDER`,
    });
  }
  const { missing, changed } = await differences(store, dataset, dataset.root);
  if (!missing.length && !changed.length) return;
  const parts = [
    missing.length ? `${missing.length} files are gone (${some(missing)})` : '',
    changed.length ? `${changed.length} files have changed (${some(changed)})` : '',
  ].filter(Boolean);
  throw new AppError({
    code: 'dataset_changed',
    what: `Dataset ${dataset.name} has changed since it was imported.`,
    why: `${parts.join('; ')}.`,
    next: 'Import it again, or put the files back.',
  });
}

/** Points a dataset at the folder it has moved to, where every file has its size. @throws AppError dataset_changed, dataset_missing */
export async function locateDataset(store: Store, dataset: Dataset, folder: string): Promise<void> {
  const root = resolve(folder);
  if (!existsSync(root) || !statSync(root).isDirectory())
    throw new AppError({
      code: 'dataset_missing',
      what: `There is no folder ${root}.`,
      why: 'The new place has to be a folder.',
      next: 'Give the folder that the dataset has moved to.',
    });
  const missing: string[] = [];
  for (const split of Object.keys(dataset.record.counts)) {
    for (const row of samplesOf(store, dataset.id, split))
      if (statSync(join(root, row.path), { throwIfNoEntry: false })?.size !== row.bytes) missing.push(row.path);
  }
  if (missing.length)
    throw new AppError({
      code: 'dataset_changed',
      what: `${root} does not hold dataset ${dataset.name}.`,
      why: `${missing.length} files are missing there or differ (${some(missing)}).`,
      next: 'Give the folder that holds the same files.',
    });
  store.transaction(() => {
    setRoot(store, dataset.id, root);
    // Copying a folder changes its files' times, and the sizes have just been seen to agree.
    const update = store.prepare('UPDATE samples SET mtime_ms = ? WHERE dataset_id = ? AND split = ? AND path = ?');
    for (const split of Object.keys(dataset.record.counts))
      for (const row of [...samplesOf(store, dataset.id, split)])
        update.run(Math.floor(statSync(join(root, row.path)).mtimeMs), dataset.id, split, row.path);
  })();
}

/** @throws AppError bad_state while runs use it */
export function removeDataset(store: Store, dataset: Dataset, force: boolean): void {
  const users = runsUsing(store, dataset.id);
  if (users.length && !force)
    throw new AppError({
      code: 'bad_state',
      what: `Dataset ${dataset.name} is used by ${users.length} runs.`,
      why: `They are ${some(users)}; without it they can't be resumed or evaluated.`,
      next: 'Add --force to remove its record all the same. Its files are never touched.',
    });
  deleteDataset(store, dataset.id);
}
