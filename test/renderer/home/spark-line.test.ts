import { describe, expect, it } from 'vitest';
import { sparkOf } from '../../../src/renderer/views/home/spark-line';

const box = { width: 100, height: 20, inset: 2 };

describe('a small curve', () => {
  it('spans its own range, the highest value on top', () => {
    expect(sparkOf([0, 10], [1, 3], box)).toEqual({ path: 'M2.0 18.0L98.0 2.0', end: { x: 98, y: 2 } });
  });

  it('grows into the room up to the run’s end', () => {
    expect(sparkOf([0, 10], [1, 3], box, 20).end).toEqual({ x: 50, y: 2 });
  });

  it('runs through the middle where nothing changes, and has a dot from its first value on', () => {
    expect(sparkOf([5], [2], box).end).toEqual({ x: 98, y: 10 });
    expect(sparkOf([0, 1], [2, 2], box).path).toBe('M2.0 10.0L98.0 10.0');
  });

  it('has a gap where a value is missing or not a number', () => {
    const { path, end } = sparkOf([0, 1, 2, 3, 4], [1, Number.NaN, 2, null, 3], box);
    expect(path.match(/M/g)).toHaveLength(3);
    expect(path).not.toContain('NaN');
    expect(end).toEqual({ x: 98, y: 2 });
  });

  it('is nothing without values', () => {
    expect(sparkOf([], [], box)).toEqual({ path: '', end: null });
    expect(sparkOf([1], [Number.POSITIVE_INFINITY], box)).toEqual({ path: '', end: null });
  });
});
