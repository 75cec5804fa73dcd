/**
 * Largest size in bytes of a message of a window in a browser. Photographs to try a model on come a few at a time (16
 * MB as base64), and a single one may be larger.
 */
export const LARGEST_MESSAGE = 64 * 2 ** 20;
