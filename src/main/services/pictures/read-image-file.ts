import { stat } from 'node:fs/promises';
import type { AppError } from '../../../shared/errors';
import { badImage, decodeImage, UnusableImage } from '../../engine/data/decode/decode';
import { systemReason } from '../../engine/data/scan/entries';
import type { Rgb } from '../../engine/data/image/rgb';
import { imageBytes } from './image-bytes';

/** Reads an image by its path, by the rules of docs/data.md. @throws AppError bad_image */
export async function readImageFile(path: string): Promise<Rgb> {
  const unreadable = (reason: string): AppError => badImage(path, new Error(`It can't be read: ${reason}.`));
  const bytes = await stat(path)
    .then((stats) => {
      // Reading a pipe would wait for ever.
      if (!stats.isFile()) throw unreadable('it is not a file');
      return imageBytes(path);
    })
    .catch((error: unknown) => {
      if (error instanceof UnusableImage) throw badImage(path, error);
      throw error instanceof Error && 'code' in error && 'syscall' in error ? unreadable(systemReason(error)) : error;
    });
  return decodeImage(bytes).catch((error: unknown) => {
    throw error instanceof UnusableImage ? badImage(path, error) : error;
  });
}
