/** A row of a paper's table as data. */
import type { z } from 'zod';
import type { publishedSchema } from '../contract/compare';

export type PublishedRow = z.output<typeof publishedSchema>;

/** Facts of a row beside its accuracy; absent ones are not in the paper. */
export type Facts = Partial<Omit<PublishedRow, 'id' | 'model' | 'method' | 'epochs' | 'top1'>>;

export const TPAMI = 'Wang et al., TPAMI 2024 (arXiv 2405.08768)';
export const ICCV = 'Wang et al., ICCV 2023 (arXiv 2211.09703)';
export const PLAIN = 'Baseline';
export const PLUS_PLUS = 'EfficientTrain++';
export const FIRST = 'EfficientTrain';
export const IMAGENET = 'ImageNet-1K';

const slug = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9+]+/g, '-')
    .replace(/^-|-$/g, '');

/**
 * Makes a row.
 * @param epochs equivalent epochs: compute in passes at the final size; null where the paper gives none
 * @param top1 a fraction; null where the row reports something else
 */
export function published(
  model: string,
  method: string,
  epochs: number | null,
  top1: number | null,
  { paper = TPAMI, where = 'ImageNet-1K classification', data = IMAGENET, size = 224, ...facts }: Facts = {},
): PublishedRow {
  const id = slug([model, method, epochs, data, size, paper === TPAMI ? '' : 'iccv'].join(' '));
  const none = { speedup: null, speedup_compute: null, gpu_days: null, measures: {}, note: null };
  return { ...none, ...facts, id, paper, where, model, data, size, epochs, method, top1 };
}
