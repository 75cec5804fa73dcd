/** Evaluates the counts of a dataset: totals, order of classes, imbalance. */

import { countOf, sumOf, type Tally } from '../../../shared/tally';
import { SPLITS } from '../../../shared/splits';

/** Maps split -> class -> number of images. */
export type Counts = Record<string, Tally>;

/** Splits in the order in which they are always shown. */
const ORDER: readonly string[] = SPLITS;

export const splitsOf = (counts: Counts): string[] =>
  Object.keys(counts).toSorted((a, b) => {
    const [x, y] = [ORDER.indexOf(a), ORDER.indexOf(b)];
    return (x < 0 ? ORDER.length : x) - (y < 0 ? ORDER.length : y) || (a < b ? -1 : 1);
  });

const sum = (values: Iterable<number>): number => {
  let total = 0;
  for (const value of values) total += value;
  return total;
};

export const inSplit = (counts: Counts, split: string): number => sumOf(counts[split]);
export const imagesOf = (counts: Counts): number => sum(Object.keys(counts).map((split) => inSplit(counts, split)));

export interface ClassRow {
  name: string;
  /** Index in the dataset's own list of classes. */
  label: number;
  /** Number of images by split, in the order of `splitsOf`. */
  parts: number[];
  total: number;
}

export type ClassOrder = 'count' | 'name';

/** Returns rows of the classes, of one split or of all, whose name contains `search`. */
export function classRows(
  counts: Counts,
  classes: readonly string[],
  { split = null, order = 'count', search = '' }: { split?: string | null; order?: ClassOrder; search?: string } = {},
): ClassRow[] {
  const splits = splitsOf(counts);
  const wanted = search.trim().toLowerCase();
  const rows = classes.flatMap((name, label) => {
    if (wanted && !name.toLowerCase().includes(wanted)) return [];
    const parts = splits.map((each) => (split === null || split === each ? countOf(counts[each], name) : 0));
    return [{ name, label, parts, total: sum(parts) }];
  });
  return order === 'name' ? rows : rows.toSorted((a, b) => b.total - a.total || a.label - b.label);
}

/** A class this many times larger than another is reported. */
const UNEVEN = 5;
/** With fewer training images a class can hardly be learnt. */
const FEW = 10;

export interface Balance {
  largest: { name: string; count: number };
  smallest: { name: string; count: number };
  ratio: number;
  /** Number of classes with less than ten training images. */
  few: number;
}

/** Returns null where the classes of the train split have about the same size. */
export function imbalance(counts: Counts, classes: readonly string[]): Balance | null {
  const train = classes
    .map((name) => ({ name, count: countOf(counts['train'], name) }))
    .filter(({ count }) => count > 0);
  const sorted = train.toSorted((a, b) => b.count - a.count);
  const [largest, smallest] = [sorted[0], sorted.at(-1)];
  if (!largest || !smallest || sorted.length < 2) return null;
  const ratio = largest.count / smallest.count;
  return ratio >= UNEVEN ? { largest, smallest, ratio, few: train.filter(({ count }) => count < FEW).length } : null;
}
