/**
 * The replay buffer's arithmetic (Wang et al., TPAMI 2024; settings and order of operations from the released code): a
 * batch of a stage with `replay_times` n has batch / n freshly prepared images, and the others are drawn from images
 * that were prepared before.
 */

/** Number of parts in which a fresh batch is pushed, and from which a batch is drawn. */
export const REPLAY_PARTS = 32;

/**
 * Returns the number of which a stage's batch has to be a multiple, so that each of the fresh batch's parts holds whole
 * images.
 */
export const replayMultiple = (replayTimes: number): number => (replayTimes > 1 ? REPLAY_PARTS * replayTimes : 1);

/** Returns how many images of a batch are prepared anew. */
export const freshImages = (batch: number, replayTimes: number): number => batch / replayTimes;

/** Returns the bytes of one image in the buffer: uint8 RGB at the final size (docs/decisions.md). */
const viewBytes = (size: number): number => 3 * size * size;

/** Returns how many images a buffer of so many megabytes (of 2^20 bytes) holds at a final size. */
export const imagesHeld = (bufferMb: number, size: number): number =>
  Math.floor((bufferMb * 2 ** 20) / viewBytes(size));

/** Returns the megabytes of 2^20 bytes that so many images take. */
export const bufferMbOf = (images: number, size: number): number => (images * viewBytes(size)) / 2 ** 20;
