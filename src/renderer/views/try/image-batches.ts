/** Images that a run is asked about at once; the contract takes no more. */
export const MOST_IMAGES = 64;
/**
 * One message holds a few pictures: answers come one after the other, and a message stays small enough for a tunnel.
 */
const BATCH = 8;
const BATCH_CHARACTERS = 16e6;

/** In order; one that is larger than a message should be goes alone. */
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
