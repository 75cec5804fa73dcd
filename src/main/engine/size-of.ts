/** Returns the number of elements of a tensor of this shape; a scalar has 1. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);
