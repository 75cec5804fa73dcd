import { sizeOf } from './size-of';

/**
 * Copies the elements of a view of `values`, row by row, to a new array of the same kind.
 * @param values from the view's first element on
 * @param shape of the view
 * @param strides distance of neighbours along each of its axes, in elements
 */
export function rowByRow<Numbers extends Float32Array | Int32Array>(
  values: Numbers,
  shape: readonly number[],
  strides: readonly number[],
): Numbers {
  const out = new (values.constructor as new (length: number) => Numbers)(sizeOf(shape));
  const index = new Array<number>(shape.length).fill(0);
  let from = 0;
  for (let at = 0; at < out.length; at++) {
    out[at] = values[from] as number;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis] = (index[axis] as number) + 1;
      from += strides[axis] as number;
      if ((index[axis] as number) < (shape[axis] as number)) break;
      from -= (strides[axis] as number) * (shape[axis] as number);
      index[axis] = 0;
    }
  }
  return out;
}
