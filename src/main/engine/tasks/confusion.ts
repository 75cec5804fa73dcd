/**
 * Confusion matrices: number of images by label and prediction. Of many classes only the cells with images are held,
 * because 20,000 classes have 400 million cells and an evaluation at most as many with images as it has images.
 */

/** Largest number of classes whose matrix is held as a whole: 16 MB of int32. */
export const MOST_WHOLE = 2048;

/** First number of a packed matrix that has only its cells with images; a count is never negative. */
const CELLS_ONLY = -1;

export class ConfusionCounter {
  private readonly whole: Int32Array | null;
  private readonly cells = new Map<number, number>();

  constructor(private readonly classes: number) {
    this.whole = classes <= MOST_WHOLE ? new Int32Array(classes * classes) : null;
  }

  add(label: number, prediction: number): void {
    const cell = label * this.classes + prediction;
    if (this.whole) this.whole[cell] = (this.whole[cell] as number) + 1;
    else this.cells.set(cell, (this.cells.get(cell) ?? 0) + 1);
  }

  /**
   * Returns the matrix as int32: [classes x classes], row = label, column = prediction, row major; above `MOST_WHOLE`
   * classes -1 and then label, prediction and count of each cell with images.
   */
  packed(): Int32Array {
    if (this.whole) return this.whole;
    const packed = new Int32Array(1 + 3 * this.cells.size);
    packed[0] = CELLS_ONLY;
    const sorted = [...this.cells].sort(([a], [b]) => a - b);
    sorted.forEach(([cell, count], at) =>
      packed.set([Math.floor(cell / this.classes), cell % this.classes, count], 1 + 3 * at),
    );
    return packed;
  }
}

/** Returns the cells with images of a packed matrix, one after the other: label, prediction, count. */
export function cellsOf(packed: Int32Array, classes: number): number[] {
  if (packed[0] === CELLS_ONLY) return Array.from(packed.subarray(1));
  const cells: number[] = [];
  packed.forEach((count, cell) => {
    if (count) cells.push(Math.floor(cell / classes), cell % classes, count);
  });
  return cells;
}

/** Returns the matrix, row = label, column = prediction; null where it has only its cells with images. */
export function rowsOf(packed: Int32Array, classes: number): number[][] | null {
  if (packed[0] === CELLS_ONLY) return null;
  return Array.from({ length: classes }, (_, label) =>
    Array.from(packed.subarray(label * classes, (label + 1) * classes)),
  );
}
