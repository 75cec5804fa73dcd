import { expect } from 'vitest';
import type { ParamSpec } from '../../../src/main/engine/types';
import type { Statistic } from './cases';

function momentsOf(values: Float32Array): { mean: number; deviation: number; kurtosis: number } {
  let [sum, second, fourth] = [0, 0, 0];
  for (const value of values) sum += value;
  const mean = sum / values.length;
  for (const value of values) {
    const square = (value - mean) ** 2;
    second += square;
    fourth += square * square;
  }
  const variance = second / values.length;
  return { mean, deviation: Math.sqrt(variance), kurtosis: fourth / values.length / variance ** 2 };
}

/**
 * Expects equal constants, and draws of the same distribution: mean, deviation and kurtosis (3 for normal, 1.8 for
 * uniform draws) agree within six standard errors.
 */
export function expectInitialised(params: readonly ParamSpec[], statistics: readonly Statistic[]): void {
  params.forEach((spec, index) => {
    const [name, , mean, deviation, kurtosis] = statistics[index]!;
    expect(spec.name).toBe(name);
    const values = spec.init(5);
    const count = values.length;
    if (deviation === 0) {
      expect(
        values.every((value) => Math.abs(value - mean) < 1e-7),
        name,
      ).toBe(true);
      return;
    }
    const { mean: actualMean, deviation: actual, kurtosis: actualKurtosis } = momentsOf(values);
    const error = deviation / Math.sqrt(count);
    expect(Math.abs(actualMean - mean), `${name}: mean ${actualMean} against ${mean}`).toBeLessThan(
      6 * Math.SQRT2 * error,
    );
    expect(Math.abs(actual - deviation), `${name}: deviation ${actual} against ${deviation}`).toBeLessThan(6 * error);
    if (count >= 1000)
      expect(Math.abs(actualKurtosis - kurtosis), `${name}: kurtosis`).toBeLessThan(
        (6 * Math.SQRT2 * Math.sqrt(24)) / Math.sqrt(count),
      );
    expect(
      spec.init(5).every((value, at) => value === values[at]),
      `${name}: drawn again`,
    ).toBe(true);
    expect(
      spec.init(6).some((value, at) => value !== values[at]),
      `${name}: another seed`,
    ).toBe(true);
  });
}
