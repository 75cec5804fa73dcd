/**
 * Returns Keys's cubic convolution kernel (1981) for its free parameter `a`. PyTorch resamples with a = -0.5 where it
 * antialiases and with -0.75 where it does not.
 */
export const cubic =
  (a: number) =>
  (distance: number): number => {
    const x = Math.abs(distance);
    if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
    if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
    return 0;
  };
