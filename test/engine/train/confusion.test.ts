/** Confusion matrices of few and of many classes hold the same cells. */
import { describe, expect, it } from 'vitest';
import { AccuracyMeter } from '../../../src/main/engine/tasks/accuracy';
import { cellsOf, ConfusionCounter, MOST_WHOLE, rowsOf } from '../../../src/main/engine/tasks/confusion';
import { classCells } from '../../../src/main/services/runs/class-accuracy';

const PAIRS = [
  [2, 1],
  [0, 0],
  [2, 1],
  [1, 2],
] as const;
const CELLS = [0, 0, 1, 1, 2, 1, 2, 1, 2];

describe('a confusion matrix', () => {
  it.each([3, MOST_WHOLE, MOST_WHOLE + 1, 21_841])('of %i classes has a count for each pair', (classes) => {
    const counter = new ConfusionCounter(classes);
    for (const [label, prediction] of PAIRS) counter.add(label, prediction);
    const last = classes - 1;
    counter.add(last, 0);
    const packed = counter.packed();
    const cells = classes === 3 ? [0, 0, 1, 1, 2, 1, 2, 0, 1, 2, 1, 2] : [...CELLS, last, 0, 1];
    expect(cellsOf(packed, classes)).toEqual(cells);
    expect(packed.byteLength).toBeLessThanOrEqual(4 * MOST_WHOLE ** 2);
    expect(rowsOf(packed, classes)?.[2]?.[1] ?? null).toBe(classes > MOST_WHOLE ? null : 2);
  });

  it('of many classes is read back as its cells', () => {
    const classes = 20_000;
    const meter = new AccuracyMeter(classes);
    const logits = new Float32Array(2 * classes);
    logits[19_999] = 1;
    logits[classes + 7] = 1;
    meter.add(logits, Float32Array.of(1, 1), Int32Array.of(19_999, 8));
    const { perClass, confusion } = meter.result();
    const blob = new Uint8Array(confusion.buffer);
    const read = classCells({ json: perClass, blob });
    expect(read.confusion).toBeNull();
    expect(read.confusion_cells).toEqual([8, 7, 1, 19_999, 19_999, 1]);
    expect(read.perClass[19_999]).toEqual({ correct: 1, count: 1 });
  });
});
