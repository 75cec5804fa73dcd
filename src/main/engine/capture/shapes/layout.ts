import type { GraphDType } from '../../backend/dtype';
import type { Info } from '../graph';
import { sizeOf } from '../../size-of';
import { attr, dim, input, one, type ShapeQuery, type ShapeTable } from './shape';

const positive = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

function reshape(query: ShapeQuery): Info[] {
  const from = input(query, 0);
  const wanted = query.values(1);
  const known = wanted.reduce((product, length) => (length < 0 ? product : product * length), 1);
  const shape = wanted.map((length) => (length < 0 ? sizeOf(from.shape) / known : length));
  if (sizeOf(shape) !== sizeOf(from.shape))
    throw new Error(`Reshape: [${from.shape.join(', ')}] can't become [${wanted.join(', ')}]`);
  return one(shape, from.dtype);
}

function concat(query: ShapeQuery): Info[] {
  const parts = query.inputs.slice(0, -1);
  const first = input(query, 0);
  const axis = positive(query.values(parts.length)[0] ?? 0, first.shape.length);
  const along = parts.reduce((sum, part) => sum + dim(part.shape, axis), 0);
  return one(
    first.shape.map((length, index) => (index === axis ? along : length)),
    first.dtype,
  );
}

function stridedSlice(query: ShapeQuery): Info[] {
  const from = input(query, 0);
  const [begin, end, strides] = [query.values(1), query.values(2), query.values(3)];
  const mask = (name: string, index: number): boolean => (((attr(query, name) as number) >> index) & 1) === 1;
  if ((attr(query, 'ellipsis_mask') as number) || (attr(query, 'new_axis_mask') as number))
    throw new Error('StridedSlice: ellipsis and new axes are not handled by capture');
  const shape = from.shape.flatMap((length, index) => {
    if (index >= begin.length) return [length];
    if (mask('shrink_axis_mask', index)) return [];
    const stride = strides[index] ?? 1;
    const clamp = (value: number, low: number, high: number): number =>
      Math.min(Math.max(value < 0 ? value + length : value, low), high);
    const [low, high] = stride > 0 ? [0, length] : [-1, length - 1];
    const first = mask('begin_mask', index) ? (stride > 0 ? 0 : length - 1) : clamp(begin[index] ?? 0, low, high);
    const last = mask('end_mask', index) ? (stride > 0 ? length : -1) : clamp(end[index] ?? length, low, high);
    return [Math.max(0, Math.ceil((last - first) / stride))];
  });
  return one(shape, from.dtype);
}

function gather(query: ShapeQuery): Info[] {
  const [params, indices] = [input(query, 0), input(query, 1)];
  const axis = positive(query.values(2)[0] ?? 0, params.shape.length);
  const batch = query.attrs['batch_dims'] ? (attr(query, 'batch_dims') as number) : 0;
  return one(
    [...params.shape.slice(0, axis), ...indices.shape.slice(batch), ...params.shape.slice(axis + 1)],
    params.dtype,
  );
}

function unpack(query: ShapeQuery): Info[] {
  const from = input(query, 0);
  const axis = positive(attr(query, 'axis') as number, from.shape.length);
  const part = { shape: from.shape.filter((_, index) => index !== axis), dtype: from.dtype };
  return Array.from({ length: attr(query, 'num') as number }, () => part);
}

function pack(query: ShapeQuery): Info[] {
  const first = input(query, 0);
  const axis = positive(attr(query, 'axis') as number, first.shape.length + 1);
  return one(first.shape.toSpliced(axis, 0, query.inputs.length), first.dtype);
}

function split(from: Info, axis: number, lengths: readonly number[]): Info[] {
  return lengths.map((length) => ({
    shape: from.shape.with(positive(axis, from.shape.length), length),
    dtype: from.dtype,
  }));
}

function splitV(query: ShapeQuery): Info[] {
  const from = input(query, 0);
  const axis = query.values(2)[0] ?? 0;
  const lengths = query.values(1);
  const known = lengths.reduce((sum, length) => sum + Math.max(length, 0), 0);
  return split(
    from,
    axis,
    lengths.map((length) => (length < 0 ? dim(from.shape, axis) - known : length)),
  );
}

function squeeze(query: ShapeQuery): Info[] {
  const from = input(query, 0);
  const dims = (query.attrs['squeeze_dims']?.value as number[] | undefined) ?? [];
  const axes = dims.map((axis) => positive(axis, from.shape.length));
  return one(
    from.shape.filter((length, index) => (axes.length ? !axes.includes(index) : length !== 1)),
    from.dtype,
  );
}

function pad(query: ShapeQuery): Info[] {
  const from = input(query, 0);
  const paddings = query.values(1);
  return one(
    from.shape.map((length, index) => length + (paddings[2 * index] ?? 0) + (paddings[2 * index + 1] ?? 0)),
    from.dtype,
  );
}

/** Ops that move values about. */
export const layout: ShapeTable = {
  Reshape: reshape,
  Transpose: (query) =>
    one(
      query.values(1).map((axis) => dim(input(query, 0).shape, axis)),
      input(query, 0).dtype,
    ),
  ConcatV2: concat,
  Pack: pack,
  Unpack: unpack,
  Slice: (query) => {
    const from = input(query, 0);
    const [begin, lengths] = [query.values(1), query.values(2)];
    return one(
      lengths.map((length, index) => (length < 0 ? dim(from.shape, index) - (begin[index] ?? 0) : length)),
      from.dtype,
    );
  },
  StridedSlice: stridedSlice,
  Pad: pad,
  PadV2: pad,
  MirrorPad: pad,
  Tile: (query) => {
    const multiples = query.values(1);
    return one(
      input(query, 0).shape.map((length, index) => length * (multiples[index] ?? 1)),
      input(query, 0).dtype,
    );
  },
  BroadcastTo: (query) => one(query.values(1), input(query, 0).dtype),
  Fill: (query) => one(query.values(0), input(query, 1).dtype),
  ExpandDims: (query) => {
    const from = input(query, 0);
    const axis = positive(query.values(1)[0] ?? 0, from.shape.length + 1);
    return one(from.shape.toSpliced(axis, 0, 1), from.dtype);
  },
  Squeeze: squeeze,
  Split: (query) => {
    const from = input(query, 1);
    const [axis, parts] = [query.values(0)[0] ?? 0, attr(query, 'num_split') as number];
    return split(from, axis, Array<number>(parts).fill(dim(from.shape, axis) / parts));
  },
  SplitV: splitV,
  GatherV2: gather,
  ReverseV2: (query) => [input(query, 0)],
  OneHot: (query) => {
    const axis = positive(attr(query, 'axis') as number, input(query, 0).shape.length + 1);
    return one(input(query, 0).shape.toSpliced(axis, 0, query.values(1)[0] ?? 0), input(query, 2).dtype);
  },
  DepthToSpace: (query) => {
    const [n, h, w, c] = input(query, 0).shape as [number, number, number, number];
    const block = attr(query, 'block_size') as number;
    return one([n, h * block, w * block, c / (block * block)], input(query, 0).dtype);
  },
  UnsortedSegmentSum: (query) => {
    const [data, ids] = [input(query, 0), input(query, 1)];
    return one([query.values(2)[0] ?? 0, ...data.shape.slice(ids.shape.length)], data.dtype);
  },
  StatelessRandomNormal: (query) => one(query.values(0), attr(query, 'dtype') as GraphDType),
  StatelessRandomUniform: (query) => one(query.values(0), attr(query, 'dtype') as GraphDType),
  Roll: (query) => [input(query, 0)],
  Shape: (query) => one([input(query, 0).shape.length], 'int32'),
  Cumsum: (query) => [input(query, 0)],
  TensorScatterUpdate: (query) => [input(query, 0)],
};
