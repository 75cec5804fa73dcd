/** Writes the features of image files or of a whole split to a file as they are made. */
import { setImmediate as tick } from 'node:timers/promises';
import { evaluationView } from '../../engine/data/augment/evaluation';
import { createEvalLoader } from '../../engine/data/loader/eval-loader';
import { pathOf } from '../../engine/data/loader/read-image';
import type { Extractor } from '../../engine/inference/features';
import type { Preprocessing } from '../../engine/data/preprocessing';
import type { SampleTable } from '../../engine/types';
import { entryPath } from '../../base/entry';
import { readImageFile } from '../pictures/read-image-file';
import { refuseUnread } from './evaluation';
import { FeatureFile } from './feature-file';

export interface FeatureWriting {
  extractor: Extractor;
  preprocessing: Preprocessing;
  /** Number of images on the device at once. */
  batch: number;
  /** Path that ends with .npy. */
  out: string;
  signal: AbortSignal;
  onProgress: (done: number, total: number) => void;
}

export interface WrittenFeatures {
  /** Shape [N, ...] for N images. */
  shape: readonly number[];
  /** The text file with a line for each image. */
  names: string;
}

async function writtenBy(
  { out }: FeatureWriting,
  count: number,
  make: (file: FeatureFile) => Promise<readonly string[]>,
): Promise<WrittenFeatures> {
  const file = new FeatureFile(out, count);
  try {
    const paths = await make(file);
    return { shape: file.finish(paths), names: file.names };
  } finally {
    file.discard();
  }
}

/**
 * Writes features in the order of the paths. @throws AppError bad_image for the first one that can't be used, io,
 * disk_full
 */
export function featuresOfFiles(writing: FeatureWriting, paths: readonly string[]): Promise<WrittenFeatures> {
  const { extractor, preprocessing, batch, signal, onProgress } = writing;
  const { size, crop_pct, interpolation } = preprocessing;
  return writtenBy(writing, paths.length, async (file) => {
    const pixels = size * size * 3;
    const images = new Uint8Array(batch * pixels);
    let row = 0;
    for (const [index, path] of paths.entries()) {
      signal.throwIfAborted();
      images.set(evaluationView(await readImageFile(path), size, crop_pct, interpolation).data, row++ * pixels);
      if (row < batch && index + 1 < paths.length) continue;
      const { values, shape } = extractor.features(images.subarray(0, row * pixels), row);
      file.add(values, shape);
      onProgress(index + 1, paths.length);
      row = 0;
    }
    return paths;
  });
}

/**
 * Writes features in the table's order, which is that of paths. @throws AppError bad_dataset where a file can't be
 * read, io, disk_full
 */
export function featuresOfSplit(
  writing: FeatureWriting,
  samples: SampleTable,
  workers: number,
): Promise<WrittenFeatures> {
  const { extractor, preprocessing, batch, signal, onProgress } = writing;
  const { size, crop_pct: cropPct, interpolation } = preprocessing;
  return writtenBy(writing, samples.count, async (file) => {
    const loader = createEvalLoader(entryPath('loader-worker'), {
      ...{ samples, size, cropPct, interpolation, batch, workers, keepBytes: 0 },
    });
    try {
      let done = 0;
      for (const { images } of loader.batches()) {
        // Signals arrive here, because the next lines block this thread.
        await tick();
        signal.throwIfAborted();
        const rows = Math.min(batch, samples.count - done);
        const { values, shape } = extractor.features(images.subarray(0, rows * size * size * 3), rows);
        file.add(values, shape);
        done += rows;
        onProgress(done, samples.count);
      }
      refuseUnread(loader.problems(), samples.count);
    } finally {
      await loader.close();
    }
    return Array.from({ length: samples.count }, (_, index) => pathOf(samples, index));
  });
}
