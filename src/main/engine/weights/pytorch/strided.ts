import { rowByRow } from '../../row-by-row';
import { sizeOf } from '../../size-of';
import type { Tensor } from './values';

type View = Pick<Tensor, 'shape' | 'stride'>;

/** Returns the largest distance of an element from the first one, in elements. @param view with at least one element */
export const lastElement = ({ shape, stride }: View): number =>
  shape.reduce((sum, length, axis) => sum + (length - 1) * (stride[axis] as number), 0);

const isWhole = ({ shape, stride }: View): boolean =>
  shape.every((length, axis) => length === 1 || stride[axis] === sizeOf(shape.slice(axis + 1)));

/** Copies a view of numbers row by row. @param values from the view's first element on */
export function stridedCopy<Numbers extends Float32Array | Int32Array>(values: Numbers, view: View): Numbers {
  return isWhole(view) ? values : rowByRow(values, view.shape, view.stride);
}
