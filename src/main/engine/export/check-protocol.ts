import type { ErrorData } from '../../../shared/errors';

/** Sent to the check process once it runs. It is passed by structured clone, so arrays stay arrays. */
export interface CheckRequest {
  folder: string;
  cacheFolder: string;
  /** Number of images at once. */
  batch: number;
  /** uint8 [count, size, size, 3] */
  images: Uint8Array;
  count: number;
}

export type CheckReply =
  { type: 'result'; outputs: Float32Array; probabilities: Float32Array | null } | { type: 'error'; error: ErrorData };
