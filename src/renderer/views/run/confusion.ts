/** A measured confusion matrix and its queries. Pure. */
import type { EvaluationInfo } from '../../../shared/contract/evaluations';
import { wilson } from '../../../shared/same-accuracy';

export interface Pair {
  label: number;
  prediction: number;
  count: number;
  /** Share of the images of that label. */
  share: number;
}

export class Confusion {
  readonly size: number;
  /** Number of images by cell, label times size plus prediction; the others have none. */
  private readonly counts = new Map<number, number>();
  private readonly rows: number[];

  constructor({ per_class, confusion }: Pick<EvaluationInfo, 'per_class' | 'confusion'>) {
    this.size = per_class.length;
    for (let at = 0; at + 2 < confusion.length; at += 3) {
      const [label, prediction, count] = confusion.slice(at, at + 3) as [number, number, number];
      this.counts.set(label * this.size + prediction, count);
    }
    this.rows = per_class.map(({ count }) => count);
  }

  at = (label: number, prediction: number): number => this.counts.get(label * this.size + prediction) ?? 0;

  rowTotal = (label: number): number => this.rows[label] ?? 0;

  share = (label: number, prediction: number): number =>
    this.rowTotal(label) ? this.at(label, prediction) / this.rowTotal(label) : 0;

  /** Returns wrong predictions, the most frequent first. */
  mistakes(most: number): Pair[] {
    const found: Pair[] = [];
    this.counts.forEach((count, cell) => {
      const label = Math.floor(cell / this.size);
      const prediction = cell % this.size;
      if (label !== prediction) found.push({ label, prediction, count, share: this.share(label, prediction) });
    });
    return found.sort((a, b) => b.count - a.count || b.share - a.share).slice(0, most);
  }
}

export type ClassOrder = 'worst' | 'best' | 'name' | 'count' | 'given';

export interface ClassRow {
  label: number;
  name: string;
  correct: number;
  count: number;
  /** Accuracy; null where the split has no image of it. */
  accuracy: number | null;
  /** The 95 % interval of the accuracy on so many images (Wilson's score interval); null without images. */
  interval: [number, number] | null;
}

export function classRows(
  perClass: EvaluationInfo['per_class'],
  names: readonly string[],
  order: ClassOrder,
): ClassRow[] {
  const rows = perClass.map(({ correct, count }, label): ClassRow => ({
    ...{ label, name: names[label] ?? String(label), correct, count },
    accuracy: count ? correct / count : null,
    interval: count ? wilson(correct / count, count) : null,
  }));
  const accuracy = ({ accuracy: value }: ClassRow, missing: number): number => value ?? missing;
  const orders: Record<ClassOrder, (a: ClassRow, b: ClassRow) => number> = {
    worst: (a, b) => accuracy(a, 2) - accuracy(b, 2) || b.count - a.count,
    best: (a, b) => accuracy(b, -1) - accuracy(a, -1) || b.count - a.count,
    name: (a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }),
    count: (a, b) => b.count - a.count,
    given: (a, b) => a.label - b.label,
  };
  return rows.sort(orders[order]);
}

/** Widths of a cell in pixels: initially the largest that fits, and large enough to be pointed at when zoomed. */
export const CELL_SIZES = [1, 2, 3, 4, 6, 8, 12, 16, 20, 24, 28, 32, 36, 40, 44, 48, 56, 64] as const;

/** Returns the largest size at which everything is visible; index into CELL_SIZES. */
export function fittingSize(classes: number, room: number): number {
  const index = CELL_SIZES.findLastIndex((size) => size * classes <= room);
  return Math.max(index, 0);
}
