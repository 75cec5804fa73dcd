/**
 * Returns fixed two-dimensional position embeddings for a grid of side x side patches after a class token (He et al.,
 * CVPR 2022, sec. 3; Vaswani et al., 2017, sec. 3.5): float32 [1 + side^2, dim], row by row. The first half of a row
 * encodes the column, the second half the row, each as dim / 4 sines and dim / 4 cosines of wave numbers from 1 down to
 * 1 / 10000. Coordinates are whole numbers; the class token's row is zero.
 * @param dim a multiple of 4
 */
export function sinCosPositions(side: number, dim: number): Float32Array {
  const count = dim / 4;
  const table = new Float32Array((1 + side * side) * dim);
  const write = (at: number, position: number): void => {
    for (let index = 0; index < count; index++) {
      const angle = position / 10000 ** (index / count);
      table[at + index] = Math.sin(angle);
      table[at + count + index] = Math.cos(angle);
    }
  };
  for (let row = 0; row < side; row++)
    for (let column = 0; column < side; column++) {
      const at = (1 + row * side + column) * dim;
      write(at, column);
      write(at + dim / 2, row);
    }
  return table;
}
