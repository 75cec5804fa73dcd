/** Means over seeds, their spread, and whether a difference of two exceeds it. Pure. */
/** Of equal values it returns exactly that value: their sum rounds, and the spread would not be 0. */
export const mean = (values: readonly number[]): number => {
  const [first = NaN] = values;
  if (values.every((value) => value === first)) return first;
  return values.reduce((sum, value) => sum + value, 0) / values.length;
};

const squares = (values: readonly number[]): number => {
  const middle = mean(values);
  return values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
};

/** Returns the sample standard deviation (n − 1); null for one value, which has none. */
export const std = (values: readonly number[]): number | null =>
  values.length < 2 ? null : Math.sqrt(squares(values) / (values.length - 1));

/** Student's t, two-sided 95 %, by degrees of freedom from 1; above 30 the last one, which is more conservative. */
const T = [
  ...[12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131],
  ...[2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042],
];
const studentT = (freedom: number): number => T[Math.min(freedom, T.length) - 1] as number;

/** Returns half the width of the mean's 95 % interval. */
export function interval95(values: readonly number[]): number | null {
  const spread = std(values);
  return spread === null ? null : (studentT(values.length - 1) * spread) / Math.sqrt(values.length);
}

/**
 * Says whether two means differ by more than seeds do: Student's t test of the pooled spread at 5 %. Where one side is
 * a single run the other's spread is used for both; null where neither side has any.
 */
export function beyondSpread(a: readonly number[], b: readonly number[]): boolean | null {
  const freedom = a.length + b.length - 2;
  if (freedom < 1) return null;
  const pooled = Math.sqrt((squares(a) + squares(b)) / freedom);
  return Math.abs(mean(a) - mean(b)) > studentT(freedom) * pooled * Math.sqrt(1 / a.length + 1 / b.length);
}
