/** Writes a masked autoencoder's predictions of image files as pictures in a folder. */
import { basename, extname, join } from 'node:path';
import sharp from 'sharp';
import { AppError } from '../../../shared/errors';
import { makeFolder } from '../../base/make-folder';
import { evaluationView } from '../../engine/data/augment/evaluation';
import { systemReason } from '../../engine/data/scan/entries';
import { NpyWriter } from '../../engine/export/npy';
import { drawMasks } from '../../engine/tasks/mae/masking';
import { errorPicture, maskedPicture, predictionAndVisible } from '../../engine/tasks/mae/pictures';
import { predictedPixels } from '../../engine/tasks/mae/reconstruction';
import { maeSettings } from '../../engine/tasks/mae/settings';
import type { MaskedAutoencoder } from '../../engine/types';
import { glyphsSvg, hogGlyphs, type HogGrid } from '../pictures/hog-glyphs';
import { readImageFile } from '../pictures/read-image-file';
import type { OpenEvaluation } from './evaluation';

/** Factor from the side of the image to that of a drawing of strokes. */
const GLYPH_SCALE = 8;

export interface Reconstruction {
  path: string;
  /** Mean squared error over the masked patches; null where there is a problem. */
  loss: number | null;
  /** Paths of the written files, by what they show. */
  files: Record<string, string>;
  /** Why the file can't be used as an image. */
  problem: string | null;
}

export interface ReconstructOptions {
  paths: readonly string[];
  /** Folder to write. */
  out: string;
  /** Seed of the masks, which also depend on each image's place among the paths. */
  seed: number;
}

/** Writes one image, masked and predicted. */
interface Predicted {
  /** Image uint8 [S, S, 3] as the run's evaluation makes it. */
  original: Uint8Array;
  /** float32 [L] */
  mask: Float32Array;
  /** Prediction float32 [L, P] of every patch. */
  prediction: Float32Array;
  target: Float32Array;
  loss: number;
}

/**
 * Masks each image, predicts its patches, and writes pictures of the visible part, the prediction and the error.
 * `opened` is a masked autoencoder's evaluation of one image at a time.
 * @throws AppError bad_image where none of the files can be used, io, disk_full
 */
export async function reconstructFiles(
  opened: OpenEvaluation,
  { paths, out, seed }: ReconstructOptions,
): Promise<Reconstruction[]> {
  await written(out, () => makeFolder(out));
  const names = namesOf(paths);
  const made: Reconstruction[] = [];
  const refused: AppError[] = [];
  for (const [index, path] of paths.entries()) {
    const image = await readImageFile(path).catch((error: unknown) => {
      if (!(error instanceof AppError)) throw error;
      refused.push(error);
      return error;
    });
    if (image instanceof AppError) {
      made.push({ path, loss: null, files: {}, problem: image.why });
      continue;
    }
    const { size, crop_pct, interpolation } = opened.subject.preprocessing;
    const predicted = predict(opened, evaluationView(image, size, crop_pct, interpolation).data, { seed, index });
    const files = await written(out, () => writePictures(opened, join(out, names[index] as string), predicted));
    made.push({ path, loss: predicted.loss, files, problem: null });
  }
  if (refused[0] && refused.length === paths.length) throw refused[0];
  return made;
}

function predict(
  { subject, evaluation, measurement, executor }: OpenEvaluation,
  original: Uint8Array,
  { seed, index }: { seed: number; index: number },
): Predicted {
  const { patch } = subject.model as MaskedAutoencoder;
  const { mask_ratio: ratio } = maeSettings(subject.config);
  const masks = drawMasks({ seed, step: 0, images: [index], length: (measurement.bandwidth / patch) ** 2, ratio });
  const outputs = executor.run(evaluation.meter(measurement).signature, { images: original, ...masks });
  const [prediction, target, losses] = ['prediction', 'target', 'losses'].map(
    (name) => outputs[name],
  ) as Float32Array[];
  const { mask } = masks;
  return {
    original,
    mask,
    prediction: prediction as Float32Array,
    target: target as Float32Array,
    loss: losses?.[0] as number,
  };
}

/** Writes the pictures of one image. @param stem path without the picture's kind and the extension */
async function writePictures(
  { subject }: OpenEvaluation,
  stem: string,
  predicted: Predicted,
): Promise<Record<string, string>> {
  const { model, preprocessing, config } = subject;
  const { size, mean, std } = preprocessing;
  const { patch } = model as MaskedAutoencoder;
  const { target, norm_pix_loss: normPixLoss } = maeSettings(config);
  const { original, mask, prediction } = predicted;
  const grid = { size, patch };
  const pictures: Record<string, Uint8Array> = { original, masked: maskedPicture(original, mask, grid) };
  const arrays: Record<string, Float32Array> = {};
  const drawings: Record<string, string> = {};
  if (target === 'pixels') {
    pictures['prediction'] = predictedPixels(prediction, original, { ...grid, mean, std, normPixLoss });
    pictures['prediction_visible'] = predictionAndVisible(pictures['prediction'], original, mask, grid);
  } else {
    // The numbers themselves are written beside the pictures.
    Object.assign(arrays, { prediction, target: predicted.target });
    Object.assign(drawings, {
      prediction_glyphs: glyphsOf(prediction, grid),
      target_glyphs: glyphsOf(predicted.target, grid),
    });
  }
  pictures['error'] = errorPicture(predicted, grid);
  const files: Record<string, string> = {};
  for (const [shown, data] of Object.entries(pictures)) {
    const path = `${stem}.${shown}.png`;
    await sharp(data, { raw: { width: size, height: size, channels: 3 } })
      .png()
      .toFile(path);
    files[shown] = path;
  }
  for (const [shown, svg] of Object.entries(drawings)) {
    files[shown] = `${stem}.${shown}.png`;
    await sharp(Buffer.from(svg)).png().toFile(files[shown]);
  }
  for (const [shown, values] of Object.entries(arrays)) {
    const path = `${stem}.${shown}.npy`;
    const writer = new NpyWriter(path, 'float32', [mask.length, values.length / mask.length]);
    writer.write(values);
    writer.close();
    files[shown] = path;
  }
  return files;
}

/** Draws histograms as strokes, eight times as large as the image. A prediction below 0 draws nothing. @returns SVG */
const glyphsOf = (numbers: Float32Array, grid: HogGrid): string =>
  glyphsSvg(
    hogGlyphs(
      numbers.map((value) => Math.max(value, 0)),
      grid,
    ),
    grid.size,
    GLYPH_SCALE * grid.size,
  );

/** Returns names of the images without their extensions; a number distinguishes two of the same name. */
function namesOf(paths: readonly string[]): string[] {
  const taken = new Set<string>();
  return paths.map((path) => {
    const stem = basename(path, extname(path));
    let name = stem;
    for (let count = 2; taken.has(name); count++) name = `${stem}-${count}`;
    taken.add(name);
    return name;
  });
}

/** Calls a function that writes. @throws AppError io, disk_full */
async function written<T>(folder: string, write: () => T | Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    const isFull = (cause as NodeJS.ErrnoException).code === 'ENOSPC';
    throw new AppError(
      {
        code: isFull ? 'disk_full' : 'io',
        what: `The pictures can't be written to ${folder}.`,
        why: `The system says: ${(cause as NodeJS.ErrnoException).code === undefined ? (cause as Error).message : systemReason(cause)}.`,
        next: isFull
          ? 'Free some disk space, or choose another folder with --out.'
          : 'Choose another folder with --out.',
      },
      { cause },
    );
  }
}
