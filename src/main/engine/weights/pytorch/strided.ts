import { sizeOf } from '../../size-of';
import type { Tensor } from './values';

type View = Pick<Tensor, 'shape' | 'stride'>;

/** The largest distance of an element from the first one, in elements. @param view with at least one element */
export const lastElement = ({ shape, stride }: View): number =>
  shape.reduce((sum, length, axis) => sum + (length - 1) * (stride[axis] as number), 0);

const isWhole = ({ shape, stride }: View): boolean =>
  shape.every((length, axis) => length === 1 || stride[axis] === sizeOf(shape.slice(axis + 1)));

/** A view of numbers, row by row. @param values from the view's first element on */
export function stridedCopy<Numbers extends Float32Array | Int32Array>(values: Numbers, view: View): Numbers {
  if (isWhole(view)) return values;
  const { shape, stride } = view;
  const out = new (values.constructor as new (length: number) => Numbers)(sizeOf(shape));
  const index = new Array<number>(shape.length).fill(0);
  let from = 0;
  for (let at = 0; at < out.length; at++) {
    out[at] = values[from] as number;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis] = (index[axis] as number) + 1;
      from += stride[axis] as number;
      if ((index[axis] as number) < (shape[axis] as number)) break;
      from -= (stride[axis] as number) * (shape[axis] as number);
      index[axis] = 0;
    }
  }
  return out;
}
