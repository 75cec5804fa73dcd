/**
 * Keys's cubic convolution kernel (1981) by its free parameter: PyTorch resamples with -0.5 where it takes antialias,
 * and with -0.75 without.
 */
export const cubic =
  (a: number) =>
  (distance: number): number => {
    const x = Math.abs(distance);
    if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
    if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
    return 0;
  };
