/** Converts between the layouts used here (TensorFlow's) and timm's. The two directions are exact inverses. */
import type { ParamSpec } from '../types';
import { rowByRow } from '../row-by-row';
import { sizeOf } from '../size-of';

/** Transposes axes as numpy.transpose does: out[i0, i1, ...] = in[axes...]. */
function transpose(values: Float32Array, shape: readonly number[], axes: readonly number[]): Float32Array {
  const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
  return rowByRow(
    values,
    axes.map((axis) => shape[axis] as number),
    axes.map((axis) => strides[axis] as number),
  );
}

/** Returns the shape inside as the axes that a transposition uses, and the order that gives timm's. */
function axesOf({
  layout,
  shape,
  timmShape,
}: ParamSpec): { inside: readonly number[]; order: readonly number[] } | null {
  switch (layout) {
    case 'same':
      return null;
    case 'linear':
      return { inside: shape, order: [1, 0] };
    case 'conv':
      return { inside: shape, order: [3, 2, 0, 1] };
    case 'patch': {
      const [out, width, kh, kw] = timmShape as [number, number, number, number];
      return { inside: [kh, kw, width, out], order: [3, 2, 0, 1] };
    }
    case 'depthwise': {
      // timm's channel c * multiplier + m is [c, m] here.
      return { inside: shape, order: [2, 3, 0, 1] };
    }
  }
}

/** Converts from the layout used here to timm's. */
export function toTimm(spec: ParamSpec, values: Float32Array): Float32Array {
  const axes = axesOf(spec);
  return axes ? transpose(values, axes.inside, axes.order) : values;
}

/** Converts from timm's layout to the one used here. */
export function fromTimm(spec: ParamSpec, values: Float32Array): Float32Array {
  const axes = axesOf(spec);
  if (!axes) return values;
  const inverse = axes.order.map((_, axis) => axes.order.indexOf(axis));
  return transpose(
    values,
    axes.order.map((axis) => axes.inside[axis] as number),
    inverse,
  );
}
