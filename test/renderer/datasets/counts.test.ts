import { describe, expect, it } from 'vitest';
import { classRows, imagesOf, imbalance, inSplit, splitsOf } from '../../../src/renderer/views/datasets/counts';

const counts = { val: { rose: 2, daisy: 4 }, train: { daisy: 30, rose: 6, tulip: 30 } };
const classes = ['daisy', 'rose', 'tulip'];

describe('counts of a dataset', () => {
  it('are numbers for classes that are called as things every object has', () => {
    const odd = JSON.parse('{"train":{"__proto__":4,"constructor":3},"val":{"toString":1}}') as Record<
      string,
      Record<string, number>
    >;
    const rows = classRows(odd, ['__proto__', 'constructor', 'toString', 'length']);
    expect(rows.map(({ name, parts, total }) => [name, ...parts, total])).toEqual([
      ['__proto__', 4, 0, 4],
      ['constructor', 3, 0, 3],
      ['toString', 0, 1, 1],
      ['length', 0, 0, 0],
    ]);
    expect([imagesOf(odd), inSplit(odd, 'train')]).toEqual([8, 7]);
  });

  it('puts train before val before test, whatever came first', () => {
    expect(splitsOf({ test: {}, extra: {}, val: {}, train: {} })).toEqual(['train', 'val', 'test', 'extra']);
  });

  it('adds up splits and all', () => {
    expect([inSplit(counts, 'train'), inSplit(counts, 'val'), inSplit(counts, 'test'), imagesOf(counts)]).toEqual([
      66, 6, 0, 72,
    ]);
  });

  it('lists classes from large to small, equal ones in their own order, and keeps their labels', () => {
    expect(classRows(counts, classes).map(({ name, label, total }) => [name, label, total])).toEqual([
      ['daisy', 0, 34],
      ['tulip', 2, 30],
      ['rose', 1, 8],
    ]);
  });

  it('gives the parts in the order of the splits, of one split where it is asked for', () => {
    expect(classRows(counts, ['rose'])[0]?.parts).toEqual([6, 2]);
    expect(classRows(counts, ['rose'], { split: 'val' })[0]).toMatchObject({ parts: [0, 2], total: 2 });
  });

  it('finds classes by part of their name, in any case', () => {
    expect(classRows(counts, classes, { search: ' US ' })).toEqual([]);
    expect(classRows(counts, classes, { search: 'LI', order: 'name' }).map(({ name }) => name)).toEqual(['tulip']);
  });

  it('calls classes uneven from five times on, and counts those with hardly an image', () => {
    expect(imbalance(counts, classes)).toEqual({
      largest: { name: 'daisy', count: 30 },
      smallest: { name: 'rose', count: 6 },
      ratio: 5,
      few: 1,
    });
    expect(imbalance({ train: { a: 49, b: 10 } }, ['a', 'b'])).toBeNull();
    expect(imbalance({ train: { a: 49 } }, ['a', 'b'])).toBeNull();
  });
});
