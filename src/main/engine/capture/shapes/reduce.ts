import type { GraphDType } from '../../backend/dtype';
import { attr, broadcast, dim, flag, input, one, sameFor, type ShapeQuery, type ShapeTable } from './shape';
import type { Info } from '../graph';

function reduce(query: ShapeQuery): Info[] {
  const from = input(query, 0);
  const axes = new Set(query.values(1).map((axis) => (axis < 0 ? axis + from.shape.length : axis)));
  const keep = flag(query, 'keep_dims');
  return one(
    from.shape.flatMap((length, index) => (axes.has(index) ? (keep ? [1] : []) : [length])),
    from.dtype,
  );
}

function argument(query: ShapeQuery): Info[] {
  const from = input(query, 0);
  const axis = query.values(1)[0] ?? 0;
  const gone = axis < 0 ? axis + from.shape.length : axis;
  return one(
    from.shape.filter((_, index) => index !== gone),
    attr(query, 'output_type') as GraphDType,
  );
}

function matMul(query: ShapeQuery): Info[] {
  const [a, b] = [input(query, 0), input(query, 1)];
  const [left, right] = query.op === 'MatMul' ? ['transpose_a', 'transpose_b'] : ['adj_x', 'adj_y'];
  const [rows, inner] = flag(query, left as string) ? [-1, -2] : [-2, -1];
  const [other, columns] = flag(query, right as string) ? [-1, -2] : [-2, -1];
  if (dim(a.shape, inner) !== dim(b.shape, other))
    throw new Error(`${query.op}: [${a.shape.join(', ')}] and [${b.shape.join(', ')}] don't fit`);
  const batch = broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2), query.op);
  return one([...batch, dim(a.shape, rows), dim(b.shape, columns)], a.dtype);
}

/** Reductions and matrix products. */
export const reductions: ShapeTable = {
  ...sameFor(['Sum', 'Mean', 'Max', 'Min', 'Prod', 'Any', 'All'], reduce),
  ...sameFor(['ArgMax', 'ArgMin'], argument),
  ...sameFor(['MatMul', 'BatchMatMul', 'BatchMatMulV2'], matMul),
  BiasAddGrad: (query) => one([dim(input(query, 0).shape, -1)], input(query, 0).dtype),
  L2Loss: (query) => one([], input(query, 0).dtype),
  SoftmaxCrossEntropyWithLogits: (query) => {
    const logits = input(query, 0);
    return [{ shape: logits.shape.slice(0, 1), dtype: logits.dtype }, logits];
  },
  TopKV2: (query) => {
    const from = input(query, 0);
    const shape = from.shape.with(-1, query.values(1)[0] ?? 0);
    return [
      { shape, dtype: from.dtype },
      { shape, dtype: 'int32' },
    ];
  },
};
