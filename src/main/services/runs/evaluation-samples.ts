/** What a run is measured on: the split `val`, or, where there is none and no labels are needed, a fixed part of `train`. */
import { AppError } from '../../../shared/errors';
import { sumOf } from '../../../shared/tally';
import type { Task } from '../../engine/tasks/task';
import type { SampleTable } from '../../engine/types';
import type { Dataset } from '../../store/datasets';
import type { Store } from '../../store/open';
import { loadSampleTable } from '../datasets/datasets';

/** Images that stand in for a validation split, at most. */
const MOST = 1000;

export interface EvaluationSamples {
  split: 'val' | 'train';
  samples: SampleTable;
}

/** @param train the whole table of `train`, read where it is needed @throws AppError bad_dataset where a task that needs labels has no split `val` */
export function evaluationSamples(
  store: Store,
  dataset: Dataset,
  { needsLabels }: Pick<Task, 'needsLabels'>,
  train: () => SampleTable,
): EvaluationSamples {
  const hasVal = sumOf(dataset.record.counts['val']) > 0;
  if (hasVal || needsLabels) return { split: 'val', samples: loadSampleTable(store, dataset, 'val') };
  return { split: 'train', samples: evenPart(train(), MOST) };
}

export const noValidation = ({ name }: Dataset, images: number): string =>
  `Dataset ${name} has no validation split, so this run is measured on ${images} of its training images, always the same ones.`;

/** Rows at even distances: of a table that is sorted by path, some of every folder. */
export function evenPart(table: SampleTable, most: number): SampleTable {
  const { count } = table;
  if (count <= most) return table;
  if (most < 1)
    throw new AppError({ code: 'usage', what: 'A part of no images.', why: 'At least one is needed.', next: 'Ask for more.' });
  const rows = Array.from({ length: most }, (_, index) => Math.floor((index * count) / most));
  const shared = (bytes: number): SharedArrayBuffer => new SharedArrayBuffer(Math.max(bytes, 1));
  const offsets = new Uint32Array(shared(4 * (most + 1)));
  const lengthOf = (row: number): number => (table.pathOffsets[row + 1] as number) - (table.pathOffsets[row] as number);
  rows.forEach((row, index) => (offsets[index + 1] = (offsets[index] as number) + lengthOf(row)));
  const paths = new Uint8Array(shared(offsets[most] as number));
  rows.forEach((row, index) => {
    const from = table.pathOffsets[row] as number;
    paths.set(table.paths.subarray(from, from + lengthOf(row)), offsets[index]);
  });
  const pick = <T extends Int32Array | Uint32Array | Uint8Array>(values: T, into: T): T => {
    rows.forEach((row, index) => (into[index] = values[row] as number));
    return into;
  };
  return {
    ...{ count: most, root: table.root, paths, pathOffsets: offsets },
    labels: pick(table.labels, new Int32Array(shared(4 * most))),
    bytes: pick(table.bytes, new Uint32Array(shared(4 * most))),
    widths: pick(table.widths, new Uint32Array(shared(4 * most))),
    heights: pick(table.heights, new Uint32Array(shared(4 * most))),
    orientations: pick(table.orientations, new Uint8Array(shared(most))),
    fast: pick(table.fast, new Uint8Array(shared(most))),
  };
}
