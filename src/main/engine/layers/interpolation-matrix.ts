import { cubic } from './cubic-kernel';

const kernel = cubic(-0.75);

/**
 * Returns the matrix of PyTorch's F.interpolate(mode 'bicubic', align_corners False, no antialias) along one axis,
 * float64 [to, from] row by row. A position beyond the edge takes the edge's value; for `to` equal to `from` it is the
 * identity.
 */
export function bicubicMatrix(from: number, to: number): Float64Array {
  const matrix = new Float64Array(to * from);
  for (let row = 0; row < to; row++) {
    const place = ((row + 0.5) * from) / to - 0.5;
    const first = Math.floor(place);
    for (let tap = first - 1; tap <= first + 2; tap++) {
      const column = Math.min(Math.max(tap, 0), from - 1);
      matrix[row * from + column] = (matrix[row * from + column] as number) + kernel(place - tap);
    }
  }
  return matrix;
}
