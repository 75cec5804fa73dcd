/** Datasets: the table that a loader reads, renaming and removal. */
import { AppError } from '../../../shared/errors';
import type { SampleTable } from '../../engine/types';
import { deleteDataset, listDatasets, nameTaken, runsUsing, setName, type Dataset } from '../../store/datasets';
import { countSamples, sampleColumns } from '../../store/samples';
import type { Store } from '../../store/open';

/**
 * Loads a split as flat arrays in shared memory, in order of path. @throws AppError bad_dataset where the split is
 * empty
 */
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
      bytes: new Uint32Array(shared(4 * count)),
      widths: new Uint32Array(shared(4 * count)),
      heights: new Uint32Array(shared(4 * count)),
      orientations: new Uint8Array(shared(count)),
      fast: new Uint8Array(shared(count)),
    },
  };
  const text = Buffer.from(table.paths.buffer);
  let [index, offset] = [0, 0];
  for (const [path, label, bytes, width, height, orientation, fast] of sampleColumns(store, dataset.id, split)) {
    offset += text.write(path, offset);
    table.pathOffsets[index + 1] = offset;
    table.labels[index] = label;
    table.bytes[index] = bytes;
    table.widths[index] = width;
    table.heights[index] = height;
    table.orientations[index] = orientation;
    table.fast[index] = fast;
    index++;
  }
  return table;
}

const some = (names: readonly string[]): string =>
  `${[...names].sort().slice(0, 3).join(', ')}${names.length > 3 ? ` and ${names.length - 3} more` : ''}`;

/**
 * Says whether the whole folder was picked. For a table only the table was picked: only the files that it names may be
 * used.
 */
export const isWholeFolder = ({ format }: Pick<Dataset, 'format'>): boolean =>
  format === 'class-folders' || format === 'unlabelled-folder';

/** Returns the folders that were imported whole. They may have become unreachable. */
export const importedFolders = (store: Store): string[] =>
  listDatasets(store)
    .filter(isWholeFolder)
    .map(({ root }) => root);

/** Renames a dataset. @throws AppError usage where another dataset has the name */
export function renameDataset(store: Store, dataset: Dataset, name: string): void {
  if (name === dataset.name) return;
  if (nameTaken(store, name))
    throw new AppError({
      code: 'usage',
      what: `There is already a dataset ${name}.`,
      why: 'Names have to be unique, because the command line takes them too.',
      next: 'Choose another name.',
    });
  setName(store, dataset.id, name);
}

/** Removes a dataset. @throws AppError bad_state while runs use it */
export function removeDataset(store: Store, dataset: Dataset, force: boolean): void {
  const users = runsUsing(store, dataset.id);
  if (users.length && !force)
    throw new AppError({
      code: 'bad_state',
      what: `Dataset ${dataset.name} is used by ${users.length} runs.`,
      why: `They are ${some(users)}; without it they can't be resumed or evaluated.`,
      next: 'Add --force to remove its record anyway. Its files are never touched.',
      action: { id: 'remove_anyway' },
    });
  deleteDataset(store, dataset.id);
}
