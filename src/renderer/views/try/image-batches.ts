/** Number of images in one request; the contract takes no more. */
export const MOST_IMAGES = 64;
/**
 * Number of pictures in one message: answers come one after the other, and a message stays small enough for a tunnel.
 */
const BATCH = 8;
const BATCH_CHARACTERS = 16e6;

/** Makes batches in order; an image that exceeds a message's size is alone. */
export function batchesOf<T extends { base64: string }>(images: readonly T[]): T[][] {
  const batches: T[][] = [];
  let size = 0;
  for (const image of images) {
    const last = batches.at(-1);
    if (last && last.length < BATCH && size + image.base64.length <= BATCH_CHARACTERS) {
      last.push(image);
      size += image.base64.length;
    } else {
      batches.push([image]);
      size = image.base64.length;
    }
  }
  return batches;
}
