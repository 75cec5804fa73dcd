import { describe, expect, it } from 'vitest';
import { decimate, envelope, frame, nearest, pointsOf, smooth } from '../../../src/renderer/charts/curve-data';
import { curveOf, noise } from './support';

/**
 * Computes the smoothing by its definition: every value has a weight that decays with the steps since, divided by the
 * sum of all weights.
 */
function weighed(steps: readonly number[], values: readonly number[], weight: number, unit: number): number[] {
  return steps.map((_, end) => {
    let [sum, mass] = [0, 0];
    for (let index = 0; index <= end; index++) {
      const own = 1 - weight ** (unit * (index ? (steps[index] as number) - (steps[index - 1] as number) : 1));
      const left = weight ** (unit * ((steps[end] as number) - (steps[index] as number)));
      sum += own * left * (values[index] as number);
      mass += own * left;
    }
    return sum / mass;
  });
}

describe('smoothing', () => {
  const values = Array.from({ length: 300 }, (_, index) => 2 + noise(index));

  it.each([0.3, 0.9, 0.99])('is a weighted mean of all that came before, weight %d', (weight) => {
    const { step, y } = pointsOf(curveOf(values), 'step');
    const expected = weighed([...step], values, weight, 1);
    smooth({ step, y }, weight, 300).forEach((value, index) => expect(value).toBeCloseTo(expected[index] as number, 9));
  });

  it('weighs irregular steps by their distance, scaled to the length of the run', () => {
    const steps = values.map((_, index) => 7 * index + (index % 3));
    const { step, y } = pointsOf(curveOf(values, { step: steps }), 'step');
    const expected = weighed(steps, values, 0.9, 1000 / 50_000);
    smooth({ step, y }, 0.9, 50_000).forEach((value, index) => expect(value).toBeCloseTo(expected[index] as number, 9));
  });

  it('begins at the first value and keeps a constant', () => {
    const { step, y } = pointsOf(curveOf(values), 'step');
    expect(smooth({ step, y }, 0.99, 300)[0]).toBe(values[0]);
    const flat = pointsOf(curveOf(values.map(() => 5)), 'step');
    for (const value of smooth(flat, 0.97, 300)) expect(value).toBeCloseTo(5, 12);
  });

  it('of thinned points is near that of the points themselves', () => {
    const many = Array.from({ length: 64_000 }, (_, index) => 3 * Math.exp(-index / 20_000) + noise(index));
    const width = 64;
    const means = Array.from({ length: 1000 }, (_, bucket) =>
      many.slice(bucket * width, (bucket + 1) * width).reduce((sum, value) => sum + value / width, 0),
    );
    const fine = smooth(pointsOf(curveOf(many), 'step'), 0.9, 64_000);
    const thin = smooth(
      pointsOf(curveOf(means, { width, step: means.map((_, bucket) => (bucket + 1) * width) }), 'step'),
      0.9,
      64_000,
    );
    for (let bucket = 20; bucket < 1000; bucket++)
      expect(Math.abs((thin[bucket] as number) - (fine[(bucket + 1) * width - 1] as number))).toBeLessThan(0.05);
  });

  it('leaves gaps and continues after them', () => {
    const points = pointsOf(curveOf([1, 1, 1, 1], { step: [1, 2, 4, 5], gaps: [3] }), 'step');
    expect([...smooth(points, 0.5, 5)]).toEqual([1, 1, NaN, 1, 1]);
  });
});

describe('at a stage border', () => {
  const steps = Array.from({ length: 40 }, (_, index) => index + 1);
  const jump = steps.map((step) => (step <= 16 ? 1 : 5));

  it('smoothing starts anew: a jump stays a jump', () => {
    const points = pointsOf(curveOf(jump), 'step', [16]);
    const shown = [...smooth(points, 0.95, 40, [16])];
    expect(shown.slice(0, 16).every((value) => Math.abs(value - 1) < 1e-12)).toBe(true);
    expect(shown[16]).toBeNaN();
    expect(shown.slice(17).every((value) => Math.abs(value - 5) < 1e-12)).toBe(true);
  });

  it('each stage is smoothed as if it were a curve of its own', () => {
    const values = steps.map((step) => noise(step) + (step > 10 ? 3 : 0) + (step > 25 ? -2 : 0));
    const whole = smooth(pointsOf(curveOf(values), 'step', [10, 25]), 0.8, 40, [10, 25]).filter(
      (value) => !Number.isNaN(value),
    );
    const part = (from: number, to: number): number[] => [
      ...smooth(
        { step: Float64Array.from(steps.slice(from, to)), y: Float64Array.from(values.slice(from, to)) },
        0.8,
        40,
      ),
    ];
    expect([...whole]).toEqual([...part(0, 10), ...part(10, 25), ...part(25, 40)]);
  });

  it('the line breaks once, also where a value was not finite just there, and not at borders beyond its end', () => {
    expect([...pointsOf(curveOf([1, 2, 3], { step: [1, 2, 4], gaps: [3] }), 'step', [2, 3, 4, 90]).y]).toEqual([
      1,
      2,
      NaN,
      3,
    ]);
  });

  it('a bucket with steps of two stages has no mean to be shown, only its extremes', () => {
    const curve = curveOf([1, 3, 5], { width: 8, step: [7, 15, 23], min: [1, 1, 5], max: [1, 5, 5] });
    const points = pointsOf(curve, 'step', [11]);
    expect([...points.y]).toEqual([1, NaN, NaN, 5]);
    expect([...points.max]).toEqual([1, NaN, 5, 5]);
    expect([...smooth(points, 0.9, 23, [11])]).toEqual([1, NaN, NaN, 5]);
    expect([...pointsOf(curve, 'step', [15]).y]).toEqual([1, 3, NaN, 5]);
    expect([...pointsOf(curve, 'step', [7, 15]).y]).toEqual([1, NaN, 3, NaN, 5]);
  });
});

describe('points', () => {
  it('break where a value was not finite, once', () => {
    const points = pointsOf(curveOf([1, 2, 3], { step: [1, 5, 9], gaps: [2, 3, 7] }), 'step');
    expect([...points.y]).toEqual([1, NaN, 2, NaN, 3]);
    expect([...points.x]).toEqual([1, 1, 5, 5, 9]);
  });

  it('lie on the chosen axis', () => {
    expect([...pointsOf(curveOf([1, 2]), 'seconds').x]).toEqual([0.1, 0.2]);
    expect([...pointsOf(curveOf([1, 2]), 'epoch').x]).toEqual([0.01, 0.02]);
  });

  it('are found by the nearest x, gaps passed over', () => {
    const points = pointsOf(curveOf([1, 2, 3], { step: [1, 5, 9], gaps: [2, 7] }), 'step');
    expect(points.y[nearest(points, 4)]).toBe(2);
    expect(points.y[nearest(points, -10)]).toBe(1);
    expect(points.y[nearest(points, Infinity)]).toBe(3);
    expect(nearest(pointsOf(curveOf([]), 'step'), 3)).toBe(-1);
  });
});

describe('thinning', () => {
  const count = 20_000;
  const x = Float64Array.from({ length: count }, (_, index) => index);
  const y = Float64Array.from(x, noise);
  y[777] = 50;
  y[15_001] = -50;

  it('keeps the extremes of every column, and the ends', () => {
    const columns = 200;
    const thin = decimate(x, y, [0, count - 1], columns);
    expect(thin.length / 2).toBeLessThanOrEqual(4 * columns + 4);
    const drawn = new Map<number, number>();
    for (let at = 0; at < thin.length; at += 2) drawn.set(thin[at] as number, thin[at + 1] as number);
    expect(drawn.get(777)).toBe(50);
    expect(drawn.get(15_001)).toBe(-50);
    expect(drawn.get(0)).toBe(y[0]);
    expect(drawn.get(count - 1)).toBe(y[count - 1]);
    const width = (count - 1) / columns;
    for (let column = 0; column < columns; column++) {
      const inside = [...y.subarray(Math.ceil(column * width), Math.ceil((column + 1) * width))];
      const kept = [...drawn].filter(([at]) => Math.floor(at / width) === column).map(([, value]) => value);
      expect(Math.max(...kept)).toBe(Math.max(...inside));
      expect(Math.min(...kept)).toBe(Math.min(...inside));
    }
  });

  it('draws a zoomed range point by point, one more on either side', () => {
    const thin = decimate(x, y, [1000, 1010], 400);
    expect(thin.filter((_, at) => at % 2 === 0)).toEqual(Float64Array.from({ length: 13 }, (_, index) => 999 + index));
  });

  it('keeps breaks', () => {
    const broken = y.slice();
    broken.fill(NaN, 5000, 6000);
    const thin = decimate(x, broken, [0, count - 1], 100);
    expect(thin.some((value) => Number.isNaN(value))).toBe(true);
  });

  it('shows both extremes of every bucket', () => {
    const band = envelope(pointsOf(curveOf([2, 3], { width: 8, min: [0, 1], max: [4, 9] }), 'step'));
    expect([...band.y].sort((a, b) => a - b)).toEqual([0, 1, 4, 9]);
  });
});

describe('the frame', () => {
  const calm = Array.from({ length: 500 }, (_, index) => 1 + 0.1 * noise(index));

  it('leaves few far outliers out and counts them', () => {
    const found = frame(Float64Array.from([...calm, 1000, 900]), null);
    expect(found?.outside).toBe(2);
    expect(found?.range[1]).toBeLessThan(2);
  });

  it('never cuts what has to stay in view', () => {
    expect(frame(Float64Array.from([...calm, 1000]), [0.5, 1000])).toEqual({ range: [0.5, 1000], outside: 0 });
  });

  it('shows all where nothing lies far out, or where there are few points', () => {
    expect(frame(Float64Array.from(calm), null)?.outside).toBe(0);
    expect(frame(Float64Array.from([1, 1, 1, 1000]), null)).toEqual({ range: [1, 1000], outside: 0 });
    expect(frame(new Float64Array(), null)).toBeNull();
  });
});
