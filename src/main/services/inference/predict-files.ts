import { AppError } from '../../../shared/errors';
import type { Inference } from '../../engine/inference/network';
import type { Preprocessing } from '../../engine/data/preprocessing';
import { predictImage, type ClassProbability } from './inference';
import { readImageFile } from '../pictures/read-image-file';

export interface Prediction {
  path: string;
  /** The most probable classes; empty where there is a problem. */
  top5: ClassProbability[];
  /** Why the file can't be used as an image. */
  problem: string | null;
}

/**
 * Predicts the most probable classes of image files.
 * @throws AppError bad_image where none of them can be used, non_finite
 */
export async function predictFiles(
  inference: Inference,
  preprocessing: Preprocessing,
  classes: readonly string[],
  paths: readonly string[],
): Promise<Prediction[]> {
  const predictions: Prediction[] = [];
  const refused: AppError[] = [];
  for (const path of paths) {
    const image = await readImageFile(path).catch((error: unknown) => {
      if (!(error instanceof AppError)) throw error;
      refused.push(error);
      return error;
    });
    predictions.push(
      image instanceof AppError
        ? { path, top5: [], problem: image.why }
        : { path, top5: predictImage(inference, image, { preprocessing, classes, name: path }), problem: null },
    );
  }
  if (refused[0] && refused.length === paths.length) throw refused[0];
  return predictions;
}
