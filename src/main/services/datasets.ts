/** Datasets: the table that a loader reads, whether the files are still what was imported, and where they are. */
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { AppError } from '../../shared/errors';
import type { SampleTable } from '../engine/types';
import { deleteDataset, listDatasets, nameTaken, runsUsing, setName, setRoot, type Dataset } from '../store/datasets';
import { countSamples, samplesOf, setTimes, type SampleRow } from '../store/samples';
import type { Store } from '../store/open';
import { inTime } from './core/in-time';

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

interface Differences {
  missing: string[];
  /** Of another size. */
  resized: string[];
  /** Of the same size and another time, with the time in whole milliseconds. */
  touched: { split: string; path: string; mtimeMs: number }[];
}

/** How the files under `root` differ from what was imported, in order of path within each split. */
async function differences(store: Store, dataset: Dataset, root: string): Promise<Differences> {
  const found: Differences = { missing: [], resized: [], touched: [] };
  const check = async (row: SampleRow): Promise<void> => {
    const file = await stat(join(root, row.path)).catch(() => null);
    const mtimeMs = Math.floor(file?.mtimeMs ?? 0);
    if (!file) found.missing.push(row.path);
    else if (file.size !== row.bytes) found.resized.push(row.path);
    else if (mtimeMs !== row.mtime_ms) found.touched.push({ split: row.split, path: row.path, mtimeMs });
  };
  for (const split of Object.keys(dataset.record.counts)) {
    const rows = [...samplesOf(store, dataset.id, split)];
    for (let first = 0; first < rows.length; first += 256) await Promise.all(rows.slice(first, first + 256).map(check));
  }
  return found;
}

const some = (paths: readonly string[]): string =>
  `${[...paths].sort().slice(0, 3).join(', ')}${paths.length > 3 ? ` and ${paths.length - 3} more` : ''}`;

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
  const { missing, resized, touched } = await differences(store, dataset, dataset.root);
  const changed = [...resized, ...touched.map(({ path }) => path)];
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

/**
 * Points a dataset at the folder it has moved to, where every file has its size.
 * @returns its new root
 * @throws AppError dataset_changed, dataset_missing
 */
export async function locateDataset(store: Store, dataset: Dataset, folder: string): Promise<string> {
  const root = resolve(folder);
  if (!(await isFolder(root)))
    throw new AppError({
      code: 'dataset_missing',
      what: `There is no folder ${root}.`,
      why: 'The new place has to be a folder.',
      next: 'Give the folder that the dataset has moved to.',
    });
  const { missing, resized, touched } = await differences(store, dataset, root);
  const wrong = [...missing, ...resized];
  if (wrong.length)
    throw new AppError({
      code: 'dataset_changed',
      what: `${root} does not hold dataset ${dataset.name}.`,
      why: `${wrong.length} files are missing there or differ (${some(wrong)}).`,
      next: 'Give the folder that holds the same files.',
    });
  store.transaction(() => {
    setRoot(store, dataset.id, root);
    // Copying a folder changes its files' times, and the sizes have just been seen to agree.
    setTimes(store, dataset.id, touched);
  })();
  return root;
}

/** False too where the file system doesn't answer. */
export const isFolder = (path: string): Promise<boolean> =>
  inTime(path, () => stat(path)).then(
    (found) => found.isDirectory(),
    () => false,
  );

/** A table's folder was not picked, only the table: of it the files that the table names may be used, and no other. */
export const isWholeFolder = ({ format }: Pick<Dataset, 'format'>): boolean => format === 'class-folders';

/** Folders that were imported whole. They may have become unreachable. */
export const importedFolders = (store: Store): string[] =>
  listDatasets(store)
    .filter(isWholeFolder)
    .map(({ root }) => root);

/** @throws AppError usage where another dataset is called so */
export function renameDataset(store: Store, dataset: Dataset, name: string): void {
  if (name === dataset.name) return;
  if (nameTaken(store, name))
    throw new AppError({
      code: 'usage',
      what: `There is already a dataset ${name}.`,
      why: 'Names tell datasets apart, on the command line too.',
      next: 'Choose another name.',
    });
  setName(store, dataset.id, name);
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
