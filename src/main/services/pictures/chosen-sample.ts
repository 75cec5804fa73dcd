/** Finds the image of a dataset that a preview shows. */
import { AppError } from '../../../shared/errors';
import { rngOf } from '../../../shared/random';
import type { SampleTable } from '../../engine/types';
import type { Dataset } from '../../store/datasets';
import { sampleAt, sampleOfPath } from '../../store/one-sample';
import type { Store } from '../../store/open';
import { countSamples, type Sample } from '../../store/samples';

/** Longest side in px of the pictures sent to the window. */
export const SHOWN = 320;

/** Returns the image with this path, or a random one. @throws AppError not_found */
export function chosenSample(
  store: Store,
  dataset: Dataset,
  { path, seed }: { path: string | null; seed: number },
): Sample {
  const { count } = countSamples(store, dataset.id, 'train');
  const row =
    path === null
      ? sampleAt(store, dataset.id, 'train', rngOf(seed).below(Math.max(count, 1)))
      : sampleOfPath(store, dataset.id, path);
  if (row) return row;
  throw new AppError({
    code: 'not_found',
    what:
      path === null
        ? `Dataset ${dataset.name} has no training images.`
        : `${path} is not an image of dataset ${dataset.name}.`,
    why: 'Only images that were imported can be shown.',
    next: 'Choose another image.',
  });
}

/** Makes a table of this one sample, so that a preview draws exactly as the loader does. */
export function tableOf(root: string, row: Sample): SampleTable {
  const paths = new TextEncoder().encode(row.path);
  return {
    ...{ count: 1, root, paths, pathOffsets: Uint32Array.of(0, paths.length), labels: Int32Array.of(row.label) },
    ...{ bytes: Uint32Array.of(row.bytes), widths: Uint32Array.of(row.width), heights: Uint32Array.of(row.height) },
    ...{ orientations: Uint8Array.of(row.orientation), fast: Uint8Array.of(row.fast ? 1 : 0) },
  };
}
