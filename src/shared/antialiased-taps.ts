/** Source positions of one target position: `weights.length` of them from `first` on. */
export interface Taps {
  first: number;
  /** Weights that sum to 1. */
  weights: number[];
}

/**
 * Returns the weights of antialiased resampling along one axis, as Pillow (Resample.c, precompute_coeffs) and torch
 * (F.interpolate with antialias=True and align_corners=False) choose them: where the axis shrinks, the filter is
 * stretched by the reduction.
 * @param from source positions @param to target positions
 * @param reach of the filter to either side, in source positions before it is stretched
 * @param weight the filter at a distance in source positions, stretched by `stretch` (at least 1)
 * @returns taps of each target position
 */
export function antialiasedTaps(
  from: number,
  to: number,
  reach: number,
  weight: (distance: number, stretch: number) => number,
): Taps[] {
  const scale = from / to;
  const stretch = Math.max(scale, 1);
  const stretched = reach * stretch;
  return Array.from({ length: to }, (_, position) => {
    const centre = (position + 0.5) * scale;
    const first = Math.max(Math.trunc(centre - stretched + 0.5), 0);
    const end = Math.min(Math.trunc(centre + stretched + 0.5), from);
    const values = Array.from({ length: end - first }, (__, index) => weight(index + first - centre + 0.5, stretch));
    const total = values.reduce((sum, value) => sum + value, 0);
    return { first, weights: values.map((value) => value / total) };
  });
}

/** Returns the taps as a matrix in row-major order, [to, from]. */
export function tapsMatrix(taps: readonly Taps[], from: number): Float64Array {
  const matrix = new Float64Array(taps.length * from);
  taps.forEach(({ first, weights }, row) => matrix.set(weights, row * from + first));
  return matrix;
}
