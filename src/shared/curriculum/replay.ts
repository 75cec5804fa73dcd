/**
 * The replay buffer's arithmetic (Wang et al., TPAMI 2024; settings and order of operations from the released code): a
 * batch of a stage with `replay_times` n has batch / n freshly prepared images, and the others are drawn from images
 * that were prepared before.
 */

/** Parts that a fresh batch is pushed in, and that are drawn for one. */
export const REPLAY_PARTS = 32;

/** What a stage's batch has to be a multiple of: each of the fresh batch's parts holds whole images. */
export const replayMultiple = (replayTimes: number): number => (replayTimes > 1 ? REPLAY_PARTS * replayTimes : 1);

/** Images of a batch that are prepared anew. */
export const freshImages = (batch: number, replayTimes: number): number => batch / replayTimes;

/** Bytes of one image as the buffer holds it: uint8 RGB at the final size (docs/decisions.md). */
const viewBytes = (size: number): number => 3 * size * size;

/** Images that a buffer of so many megabytes (of 2^20 bytes) holds at a final size. */
export const imagesHeld = (bufferMb: number, size: number): number =>
  Math.floor((bufferMb * 2 ** 20) / viewBytes(size));

/** Megabytes of 2^20 bytes that so many images take. */
export const bufferMbOf = (images: number, size: number): number => (images * viewBytes(size)) / 2 ** 20;
