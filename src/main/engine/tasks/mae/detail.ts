/**
 * The detail `reconstructions` of an evaluation: the predictions of its first images, small enough to store each time.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { EvaluationDetail } from '../evaluation';

/** Number of images of an evaluation whose reconstructions are stored. */
export const SHOWN_IMAGES = 8;

export interface Reconstructions {
  /** Indices of the images in the evaluated split. */
  images: number[];
  /** Side of the images in pixels. */
  size: number;
  /** Side of a patch in pixels. */
  patch: number;
  target: 'pixels' | 'hog';
  /** Mean squared error over the masked patches of each image. */
  losses: number[];
  /** uint8 [images, L]: 1 where a patch was masked. */
  mask: Uint8Array;
  /**
   * For pixels: uint8 [images, S, S, 3], as a picture. For HOG: uint8 [images, L, width], the predicted numbers times
   * 255.
   */
  prediction: Uint8Array;
  /** For HOG: uint8 [images, L, width], the targets times 255. Empty for pixels, because the images are the target. */
  wanted: Uint8Array;
}

const KIND = 'reconstructions';

/** Packs the reconstructions, compressed, into the detail that is stored. */
export function reconstructionsDetail({ mask, prediction, wanted, ...facts }: Reconstructions): EvaluationDetail {
  const lengths = [mask.length, prediction.length, wanted.length];
  return { kind: KIND, json: { ...facts, lengths }, blob: deflateRawSync(Buffer.concat([mask, prediction, wanted])) };
}

/** Reads the stored detail. @throws where the bytes are damaged */
export function readReconstructions({ json, blob }: { json: unknown; blob: Uint8Array | null }): Reconstructions {
  const { lengths, ...facts } = json as Omit<Reconstructions, 'mask' | 'prediction' | 'wanted'> & {
    lengths: [number, number, number];
  };
  const bytes = inflateRawSync(blob ?? new Uint8Array());
  const [masks, predictions] = lengths;
  return {
    ...facts,
    mask: bytes.subarray(0, masks),
    prediction: bytes.subarray(masks, masks + predictions),
    wanted: bytes.subarray(masks + predictions),
  };
}
