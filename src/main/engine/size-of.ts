/** Elements of a tensor of this shape; of a scalar's, 1. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);
