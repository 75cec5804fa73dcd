/** Holds the form of a new search, and makes its request. Pure. */
import { searchRequestSchema, type SearchRequest } from '../../../shared/contract/searches';

export interface SearchFields {
  algorithm: '1' | '2';
  dataset: string | null;
  model: string | null;
  /** Null: the model's own size. */
  size: number | null;
  stages: number;
  /** `auto`, or sizes separated by commas. */
  candidates: string;
  epochs: number;
  batch: number;
  /** Budget in percent of the baseline's compute. */
  beta: number;
  /** Tolerance in percentage points. */
  tolerance: number;
  seeds: number;
  maxSeeds: number;
  /** What decides between trials whose intervals overlap. */
  overlap: SearchRequest['overlap'];
  /** Null: there is no limit. */
  maxHours: number | null;
  name: string;
}

export const FIRST_FIELDS: SearchFields = {
  ...{ algorithm: '2', dataset: null, model: null, size: null, stages: 5, candidates: 'auto', epochs: 30, batch: 64 },
  ...{ beta: 66.7, tolerance: 0, seeds: 1, maxSeeds: 1, overlap: 'cheaper' },
  ...{ maxHours: null, name: '' },
};

/** Returns the sizes; null where the text is neither `auto` nor a list of whole numbers. */
export function candidatesOf(text: string): number[] | 'auto' | null {
  if (['', 'auto'].includes(text.trim().toLowerCase())) return 'auto';
  const sides = text
    .split(/[\s,;，、]+/)
    .filter(Boolean)
    .map(Number);
  return sides.length && sides.every((side) => Number.isInteger(side) && side > 0) ? sides : null;
}

/** Returns the share of a percentage. The paper's two thirds is shown with one decimal. */
const shareOf = (percent: number): number => (percent === 66.7 ? 2 / 3 : percent / 100);

/** Returns the request; null where a field is missing or is no number. */
export function requestOf(fields: SearchFields): SearchRequest | null {
  const { dataset, model, size, stages, epochs, batch, seeds, overlap, name } = fields;
  const candidates = candidatesOf(fields.candidates);
  if (dataset === null || model === null || candidates === null) return null;
  const parsed = searchRequestSchema.safeParse({
    ...{ name, algorithm: Number(fields.algorithm), dataset, model, size, stages, epochs, batch, seeds },
    overlap,
    ...{ candidates: candidates === 'auto' ? null : candidates, beta: shareOf(fields.beta) },
    ...{ tolerance: fields.tolerance / 100, max_seeds: Math.max(fields.maxSeeds, seeds), max_hours: fields.maxHours },
  });
  return parsed.success ? parsed.data : null;
}
