import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bitAt } from '../../../src/main/engine/tasks/outcomes';
import { AccuracyMeter, topProbabilities, type EvaluationResult } from '../../../src/main/engine/tasks/accuracy';

interface Golden {
  scores: number[];
  labels: number[];
  losses: number[];
  top1: number;
  top5: number;
  loss: number;
  confusion: number[];
}

/** The results of test/golden/accuracy/accuracy.py. */
const golden = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../golden/accuracy/accuracy.json'), 'utf8'),
) as Golden;

/** Rows of scores, with one label and one loss each. */
function measured(
  rows: readonly (readonly number[])[],
  labels: readonly number[],
  losses = labels.map(() => 1),
): EvaluationResult {
  const meter = new AccuracyMeter(rows[0]?.length ?? 0);
  meter.add(Float32Array.from(rows.flat()), Float32Array.from(losses), Int32Array.from(labels));
  return meter.result();
}

const CLASSES = 7;
const row = (changes: Record<number, number> = {}): number[] =>
  Array.from({ length: CLASSES }, (_, index) => changes[index] ?? -index);

describe('accuracy', () => {
  it('is that of numpy, ties included, in whatever batches it comes', () => {
    const meter = new AccuracyMeter(CLASSES);
    const scores = Float32Array.from(golden.scores);
    for (let from = 0; from < golden.labels.length; from += 20) {
      const labels = Int32Array.from(golden.labels.slice(from, from + 20));
      meter.add(scores.slice(from * CLASSES), Float32Array.from(golden.losses.slice(from)), labels);
    }
    const { top1, top5, loss, confusion, perClass, count, nonFinite } = meter.result();
    expect([top1, top5, count, nonFinite]).toEqual([golden.top1, golden.top5, golden.labels.length, 0]);
    expect(loss).toBeCloseTo(golden.loss, 6);
    expect([...confusion]).toEqual(golden.confusion);
    expect(perClass.map(({ correct }) => correct)).toEqual(
      perClass.map((_, label) => golden.confusion[label * CLASSES + label]),
    );
  });

  it('of a constant output is the share of the first class', () => {
    const labels = [0, 1, 2, 3, 4, 5, 6];
    const constant = labels.map(() => Array<number>(CLASSES).fill(0.25));
    expect(measured(constant, labels)).toMatchObject({ top1: 1 / 7, top5: 5 / 7 });
  });

  it.each([
    ['all scores are NaN', Array<number>(CLASSES).fill(NaN), 0],
    ['all scores are NaN', Array<number>(CLASSES).fill(NaN), 3],
    ['its own score is NaN', row({ 2: NaN }), 2],
    ['its own score is infinite', row({ 2: Infinity }), 2],
    ['its own score is minus infinity', row({ 0: -Infinity }), 0],
    ['all scores are infinite', Array<number>(CLASSES).fill(Infinity), 0],
    ['all scores are minus infinity', Array<number>(CLASSES).fill(-Infinity), 0],
    ['another score is NaN', row({ 6: NaN }), 0],
  ])('of an image is wrong in top-1 and top-5 where %s (label %3$i)', (_, scores, label) => {
    const result = measured([scores], [label], [NaN]);
    expect(result).toMatchObject({ top1: 0, top5: 0, count: 1, nonFinite: 1 });
    expect(result.perClass[label]).toEqual({ correct: 0, count: 1 });
    expect(result.confusion.every((cell) => cell === 0)).toBe(true);
    expect(result.loss).toBeNaN();
  });

  it('takes a class that is ruled out by minus infinity for what it is', () => {
    expect(measured([row({ 3: -Infinity })], [0], [0.5])).toMatchObject({ top1: 1, nonFinite: 0, loss: 0.5 });
    expect(measured([row({ 3: Infinity })], [0], [Infinity])).toMatchObject({ top1: 0, top5: 1, nonFinite: 0 });
  });

  it('counts some rows that are not finite among others', () => {
    const result = measured([row(), row({ 1: NaN }), row({ 1: 9 }), row()], [0, 0, 1, 4]);
    expect(result).toMatchObject({ top1: 0.5, top5: 0.75, count: 4, nonFinite: 1 });
    expect(result.perClass[0]).toEqual({ correct: 1, count: 2 });
  });

  it('leaves padding out', () => {
    expect(measured([row(), row({ 0: NaN })], [0, -1])).toMatchObject({ top1: 1, count: 1, nonFinite: 0 });
  });
});

describe('the outcomes of images', () => {
  it('say of each row whether it is right, wrong or not there', () => {
    const labels = [0, 1, -1, 0, -2, 0, 0, 0, 0, 3];
    const rows = labels.map((label) => (label === 3 ? row({ 3: 9 }) : row()));
    const { outcomes } = measured(rows, labels);
    const bits = (of: Uint8Array): boolean[] => labels.map((_, index) => bitAt(of, index));
    expect(bits(outcomes.measured)).toEqual(labels.map((label) => label >= 0));
    expect(bits(outcomes.right)).toEqual(labels.map((label) => label === 0 || label === 3));
  });

  it('take scores that are not finite for wrong, and grow with the split', () => {
    const images = 3000;
    const rows = Array.from({ length: images }, (_, index) => (index % 2 ? row({ 1: NaN }) : row()));
    const { outcomes, count } = measured(rows, Array<number>(images).fill(0));
    expect([outcomes.measured.length, outcomes.right.length, count]).toEqual([375, 375, images]);
    expect(outcomes.measured.every((byte) => byte === 255)).toBe(true);
    expect(outcomes.right.every((byte) => byte === 0b01010101)).toBe(true);
  });
});

describe('the most probable classes', () => {
  it('are in falling order, of equal ones the first one first', () => {
    expect(topProbabilities(Float32Array.of(0, 1, 0, 1), 3).map(({ label }) => label)).toEqual([1, 3, 0]);
  });

  it.each([[[NaN, 1]], [[1, Infinity]], [[-Infinity, -Infinity]], [[NaN, NaN]]])('are none of %j', (scores) => {
    expect(topProbabilities(Float32Array.from(scores), 2)).toEqual([]);
  });
});
