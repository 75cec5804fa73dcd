/** Statistics of repeated measurements. */
export interface Table {
  title?: string;
  columns: string[];
  rows: string[][];
}

export const sorted = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);

/**
 * Returns a quantile.
 * @param share 0.5 is the median; between two values it is the upper one, so that nothing looks faster than it was
 */
export function quantile(values: readonly number[], share: number): number {
  const order = sorted(values);
  return order[Math.min(Math.ceil(share * (order.length - 1)), order.length - 1)] ?? NaN;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

const digits = (value: number): string => (Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(1));

/** Formats values as `12.3 (10.1 to 15.0)`. */
export function spread(values: readonly number[], unit: string): string {
  const order = sorted(values);
  return `${digits(median(values))}${unit && ` ${unit}`} (${digits(order[0] ?? NaN)} to ${digits(order.at(-1) ?? NaN)})`;
}
