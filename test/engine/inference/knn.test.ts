/** Votes of the nearest neighbours agree with numpy (test/golden/knn/knn.py), block by block as in an evaluation. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FeatureBlocks, type FeatureBlock } from '../../../src/main/engine/inference/feature-blocks';
import { NearestNeighbours, NO_CLASS_FOUND, normaliseRow } from '../../../src/main/engine/inference/knn';

interface Case {
  queries: number;
  bank: number;
  dim: number;
  classes: number;
  k: number;
  zero_every?: number;
  predictions: number[];
}

const golden = JSON.parse(readFileSync(join(import.meta.dirname, '../../golden/knn/knn.json'), 'utf8')) as Record<
  string,
  Case
>;

/** Number of columns of a block; it divides no case's bank. */
const WIDTH = 512;

/** Computes the same as `features` of knn.py: float32 [rows, dim] in -1..1. */
function features(rows: number, dim: number, phase: number, zeroEvery = 0): Float32Array {
  return Float32Array.from({ length: rows * dim }, (_, index) => {
    if (zeroEvery && Math.floor(index / dim) % zeroEvery === 0) return 0;
    let mixed = Math.imul(index + phase, 2654435761) >>> 0;
    mixed = Math.imul(mixed ^ (mixed >>> 15), 2246822519) >>> 0;
    return Math.fround(Math.fround(Math.fround(mixed >>> 8) / 2 ** 23) - 1);
  });
}

const labelsOf = (rows: number, classes: number): Int32Array =>
  Int32Array.from({ length: rows }, (_, row) => (row * 7 + Math.floor(row / 5)) % classes);

function blocksOf(values: Float32Array, labels: Int32Array, dim: number, rows: number): FeatureBlock[] {
  const made: FeatureBlock[] = [];
  const blocks = new FeatureBlocks(rows, dim, (block) => made.push(block));
  blocks.add(values, labels);
  blocks.finish();
  return made;
}

/** Returns products [rows of a, rows of b], padding included. */
function products(a: Float32Array, b: Float32Array, dim: number): Float32Array {
  const [rows, columns] = [a.length / dim, b.length / dim];
  const result = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      let sum = 0;
      for (let at = 0; at < dim; at++) sum += a[row * dim + at]! * b[column * dim + at]!;
      result[row * columns + column] = sum;
    }
  }
  return result;
}

describe('the nearest neighbours', () => {
  it.each(Object.entries(golden))(
    'vote as by numpy: %s',
    (_name, { queries, bank, dim, classes, k, zero_every, predictions }) => {
      const asked = blocksOf(features(queries, dim, 1, zero_every), labelsOf(queries, classes), dim, queries)[0]!;
      const neighbours = new NearestNeighbours(queries, k);
      for (const block of blocksOf(features(bank, dim, 500_000, zero_every), labelsOf(bank, classes), dim, WIDTH))
        neighbours.add(products(asked.features, block.features, dim), WIDTH, block.labels);
      expect(Array.from(neighbours.predictions(classes))).toEqual(predictions);
    },
  );

  it('of equal votes give the lower class, whichever came first', () => {
    const neighbours = new NearestNeighbours(1, 4);
    neighbours.add(Float32Array.of(0.5, 0.5, 0.25, 0.25), 4, Int32Array.of(2, 1, 1, 2));
    expect(Array.from(neighbours.predictions(3))).toEqual([1]);
  });

  it('of equal similarities keep the earlier images', () => {
    const neighbours = new NearestNeighbours(1, 1);
    neighbours.add(Float32Array.of(0.5, 0.5), 2, Int32Array.of(2, 1));
    neighbours.add(Float32Array.of(0.5, 0.5), 2, Int32Array.of(0, 0));
    expect(Array.from(neighbours.predictions(3))).toEqual([2]);
  });

  it('are none where nothing is there, or similarities are not numbers', () => {
    expect(Array.from(new NearestNeighbours(2, 3).predictions(4))).toEqual([NO_CLASS_FOUND, NO_CLASS_FOUND]);
    const neighbours = new NearestNeighbours(1, 3);
    neighbours.add(Float32Array.of(NaN, NaN), 2, Int32Array.of(0, 1));
    expect(Array.from(neighbours.predictions(2))).toEqual([NO_CLASS_FOUND]);
  });
});

describe('a row of features', () => {
  const normalised = (...values: number[]): number[] => {
    const row = Float32Array.from(values);
    normaliseRow(row);
    return Array.from(row);
  };

  it('gets the length 1, a row of zeros stays, and one that is not finite is no number', () => {
    expect(normalised(3, -4)).toEqual([Math.fround(0.6), Math.fround(-0.8)]);
    expect(normalised(0, 0)).toEqual([0, 0]);
    expect(normalised(1, Infinity)).toEqual([NaN, NaN]);
    expect(normalised(1, NaN)).toEqual([NaN, NaN]);
  });

  it('without a label is in no block', () => {
    const blocks = blocksOf(Float32Array.of(1, 2, 3, 4), Int32Array.of(0, -1, -2, 3), 1, 8);
    expect(blocks.map(({ labels }) => Array.from(labels))).toEqual([[0, 3]]);
    expect(blocks.map((block) => Array.from(block.features))).toEqual([[1, 1, 0, 0, 0, 0, 0, 0]]);
  });
});
