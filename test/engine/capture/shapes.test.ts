/** Every shape function agrees with TensorFlow itself: the op is run on small tensors, and its outputs are compared. */
import { describe, expect, it } from 'vitest';
import { DTYPE, dtypeName, type GraphDType } from '../../../src/main/engine/backend/dtype';
import type { GraphAttr, Info, Literal } from '../../../src/main/engine/capture/graph';
import { inferShapes, knownOps } from '../../../src/main/engine/capture/shapes';
import { toAddonAttrs } from '../../../src/main/engine/backend/raw-op';
import { flag, int, text } from '../../../src/main/engine/layers/attrs';
import type { Attr } from '../../../src/main/engine/types';
import { engineMissing, loaded } from '../../support/engine';

type Input = { shape: number[]; dtype?: 'float32' | 'int32' | 'uint8' | 'bool'; values?: number[] };
interface Case {
  inputs: Input[];
  attrs: Record<string, Attr>;
  outputs?: number;
}

const T = (dtype: 'float32' | 'int32' | 'bool' = 'float32'): Attr => ({ kind: 'type', value: dtype });
const f = (...shape: number[]): Input => ({ shape });
const ints = (...values: number[]): Input => ({ shape: [values.length], dtype: 'int32', values });
const one = (value: number): Input => ({ shape: [], dtype: 'int32', values: [value] });
const conv = {
  T: T(),
  strides: int([1, 2, 2, 1]),
  padding: text('EXPLICIT'),
  explicit_paddings: int([0, 0, 1, 1, 1, 1, 0, 0]),
  data_format: text('NHWC'),
};
const pool = {
  T: T(),
  ksize: int([1, 3, 3, 1]),
  strides: int([1, 2, 2, 1]),
  padding: text('VALID'),
  data_format: text('NHWC'),
};
const norm = {
  T: T(),
  U: T(),
  epsilon: { kind: 'float', value: 1e-5 } as const,
  data_format: text('NHWC'),
  is_training: flag(true),
};

const batchNorm = { epsilon: { kind: 'float', value: 1e-5 } as const, relu: flag(true) };

const rowsOf = (count: number): number[] => Array.from({ length: count }, (_, row) => row);
const heads = { heads: int(2), length: int(5), scale: { kind: 'float', value: 0.5 } as const };

const unary = (attrs: Record<string, Attr> = { T: T() }): Case => ({ inputs: [f(2, 3)], attrs });
const binary = (attrs: Record<string, Attr> = { T: T() }): Case => ({ inputs: [f(4, 1, 3), f(2, 3)], attrs });
const same = (ops: string, made: () => Case): Record<string, Case[]> =>
  Object.fromEntries(ops.split(' ').map((op) => [op, [made()]]));
const reduction = (dtype: 'float32' | 'bool' = 'float32'): Case[] => [
  {
    inputs: [{ shape: [2, 3, 4], dtype }, ints(0, -1)],
    attrs: { ...(dtype === 'bool' ? {} : { T: T() }), Tidx: T('int32'), keep_dims: flag(false) },
  },
  {
    inputs: [{ shape: [2, 3, 4], dtype }, ints(1)],
    attrs: { ...(dtype === 'bool' ? {} : { T: T() }), Tidx: T('int32'), keep_dims: flag(true) },
  },
];

/** Returns the attributes of one of our products with these parts. */
const product = (parts: string[]): Case['attrs'] => ({
  ...Object.fromEntries(['scale', 'bias', 'add', 'relu', 'gradient'].map((part) => [part, flag(parts.includes(part))])),
  count: int(parts.filter((part) => ['scale', 'bias', 'add'].includes(part)).length),
});

const CASES: Record<string, Case[]> = {
  ...same(
    'Abs Acos Asin Atan Ceil Cos Cosh DeepCopy Elu Erf Exp Expm1 Floor Identity LeakyRelu Log Log1p LogSoftmax Neg OnesLike Reciprocal Relu Relu6 Round Rsqrt Selu Sigmoid Sign Sin Sinh Softmax Softplus Sqrt Square Tan Tanh ZerosLike IsFinite IsInf IsNan',
    unary,
  ),
  ...same('StudioGelu', () => unary({})),
  ...same('StudioGeluGrad', () => ({ inputs: [f(2, 3), f(2, 3)], attrs: {} })),
  StudioStarRelu: [{ inputs: [f(2, 3), f(1), f(1)], attrs: {} }],
  StudioStarReluGrad: [{ inputs: [f(2, 3), f(2, 3), f(1)], attrs: {}, outputs: 3 }],
  StudioScaleChannelsGrad: [{ inputs: [f(2, 4, 3), f(2, 4, 3), f(3)], attrs: {}, outputs: 2 }],
  StudioBatchNorm: [{ inputs: [f(2, 4, 3), f(3), f(3)], attrs: batchNorm, outputs: 4 }],
  StudioBatchNormGrad: [{ inputs: [f(2, 4, 3), f(2, 4, 3), f(3), f(3), f(3), f(3)], attrs: batchNorm, outputs: 3 }],
  StudioConvWeightGrad: [
    {
      inputs: [f(2, 7, 7, 4), f(2, 3, 3, 5)],
      attrs: { height: int(3), width: int(3), stride: int(2), padding: int(0) },
    },
  ],
  StudioLinear: [
    { inputs: [f(5, 3), f(3, 4)], attrs: product([]) },
    {
      inputs: [f(2, 5, 5, 3), f(1, 1, 3, 4), f(4), f(4), f(2, 5, 5, 4)],
      attrs: product(['scale', 'bias', 'add', 'relu']),
    },
    { inputs: [f(5, 4), f(3, 4)], attrs: product(['gradient']) },
  ],
  StudioLinearGrad: [{ inputs: [f(5, 3), f(3, 4), f(5, 4)], attrs: {}, outputs: 3 }],
  StudioConv: [
    { inputs: [f(2, 5, 5, 16), f(3, 3, 16, 32), f(32)], attrs: product(['bias', 'relu']) },
    { inputs: [f(2, 5, 5, 32), f(3, 3, 16, 32)], attrs: product(['gradient']) },
  ],
  StudioWinograd: [
    { inputs: [f(2, 5, 5, 16), f(3, 3, 16, 32), f(32)], attrs: product(['bias', 'relu']) },
    { inputs: [f(2, 5, 5, 32), f(3, 3, 16, 32)], attrs: product(['gradient']) },
  ],
  StudioGlobalNorm: [{ inputs: [f(2, 3), f(4)], attrs: { N: int(2) } }],
  StudioColumnSum: [{ inputs: [f(2, 3, 4)], attrs: {} }],
  StudioLowFrequencyCrop: [
    {
      inputs: [
        { shape: [2, 6, 4, 3], dtype: 'uint8', values: Array.from({ length: 144 }, (_, at) => at) },
        f(3, 6),
        f(3, 4),
      ],
      attrs: { bandwidth: int(3), offset: int(0) },
    },
  ],
  StudioAttention: [{ inputs: [f(10, 96)], attrs: heads }],
  StudioAttentionGrad: [{ inputs: [f(10, 96), f(10, 32)], attrs: heads }],
  StudioCrossAttention: [{ inputs: [f(10, 32), f(6, 64)], attrs: { ...heads, keys: int(3) } }],
  StudioCrossAttentionGrad: [
    { inputs: [f(10, 32), f(6, 64), f(10, 32)], attrs: { ...heads, keys: int(3) }, outputs: 2 },
  ],
  StudioWindowAttention: [
    { inputs: [f(20, 96), ints(...rowsOf(10)), f(2, 5, 5), f(2, 5, 5)], attrs: heads },
    { inputs: [f(20, 96), ints(), f(0), f(0)], attrs: heads },
  ],
  StudioWindowAttentionGrad: [
    { inputs: [f(20, 96), ints(...rowsOf(10)), f(2, 5, 5), f(2, 5, 5), f(20, 32)], attrs: heads, outputs: 2 },
    { inputs: [f(20, 96), ints(), f(0), f(0), f(20, 32)], attrs: heads, outputs: 2 },
  ],
  StudioDepthwise: [
    { inputs: [f(2, 7, 8, 3), f(3, 3, 3, 1), f(3)], attrs: { stride: int(2), padding: int(1) } },
    { inputs: [f(2, 7, 8, 3), f(7, 7, 3, 1), f(0)], attrs: { stride: int(1), padding: int(3) } },
  ],
  StudioDepthwiseGrad: [
    { inputs: [f(2, 4, 4, 3), f(2, 7, 8, 3), f(3, 3, 3, 1)], attrs: { stride: int(2), padding: int(1) }, outputs: 3 },
  ],
  StudioPrepare: [
    {
      inputs: [f(2, 4, 4, 3), f(4, 4), { shape: [2, 4], dtype: 'int32', values: [0, 0, 0, 0, 1, 1, 2, 2] }, ints(3, 5)],
      attrs: {
        mean: { kind: 'float', value: [0.5, 0.5, 0.5] },
        inverse_std: { kind: 'float', value: [4, 4, 4] },
        noise: flag(true),
      },
    },
  ],
  StudioAdamW: [
    {
      inputs: [f(2, 3), f(2, 3), f(2, 3), f(2, 3), f(2, 3), f(), f(), f(), f(), f()],
      attrs: {
        N: int(4),
        ...Object.fromEntries(
          ['beta1', 'beta2', 'epsilon', 'weight_decay'].map((name) => [name, { kind: 'float', value: 0.5 } as const]),
        ),
      },
      outputs: 4,
    },
  ],
  StudioLayerNorm: [
    { inputs: [f(2, 4, 3), f(3), f(3)], attrs: { epsilon: { kind: 'float', value: 1e-6 } }, outputs: 3 },
  ],
  StudioLayerNormGrad: [{ inputs: [f(2, 3), f(2, 3), f(3), f(2), f(2)], attrs: {}, outputs: 3 }],
  StopGradient: [unary()],
  ...same(
    'Add AddV2 Sub Mul Div RealDiv DivNoNan FloorDiv FloorMod Maximum Minimum Pow SquaredDifference Atan2 Mod Equal NotEqual Greater GreaterEqual Less LessEqual',
    binary,
  ),
  ...same('LogicalAnd LogicalOr', () => ({
    inputs: [
      { shape: [2, 1], dtype: 'bool' },
      { shape: [3], dtype: 'bool' },
    ],
    attrs: {},
  })),
  LogicalNot: [{ inputs: [{ shape: [2], dtype: 'bool' }], attrs: {} }],
  ...same('ReluGrad Relu6Grad EluGrad SigmoidGrad TanhGrad SoftplusGrad RsqrtGrad SqrtGrad', () => ({
    inputs: [f(2, 3), f(2, 3)],
    attrs: { T: T() },
  })),
  Cast: [{ inputs: [f(2, 3)], attrs: { SrcT: T(), DstT: T('int32'), Truncate: flag(false) } }],
  AddN: [{ inputs: [f(2, 3), f(2, 3), f(2, 3)], attrs: { T: T(), N: int(3) } }],
  BiasAdd: [{ inputs: [f(2, 3), f(3)], attrs: { T: T(), data_format: text('NHWC') } }],
  Select: [{ inputs: [{ shape: [2, 3], dtype: 'bool' }, f(2, 3), f(2, 3)], attrs: { T: T() } }],
  SelectV2: [{ inputs: [{ shape: [2, 1], dtype: 'bool' }, f(3), f(1, 3)], attrs: { T: T() } }],
  Reshape: [{ inputs: [f(2, 6), ints(3, -1)], attrs: { T: T(), Tshape: T('int32') } }],
  Transpose: [{ inputs: [f(2, 3, 4), ints(2, 0, 1)], attrs: { T: T(), Tperm: T('int32') } }],
  ConcatV2: [{ inputs: [f(2, 3), f(2, 5), one(-1)], attrs: { T: T(), N: int(2), Tidx: T('int32') } }],
  Pack: [{ inputs: [f(2, 3), f(2, 3)], attrs: { T: T(), N: int(2), axis: int(1) } }],
  Unpack: [{ inputs: [f(3, 2, 4)], attrs: { T: T(), num: int(3), axis: int(0) }, outputs: 3 }],
  Slice: [{ inputs: [f(4, 5), ints(1, 2), ints(2, -1)], attrs: { T: T(), Index: T('int32') } }],
  StridedSlice: [
    {
      inputs: [f(5, 6), ints(1, -5), ints(4, 6), ints(2, 2)],
      attrs: {
        T: T(),
        Index: T('int32'),
        begin_mask: int(0),
        end_mask: int(2),
        ellipsis_mask: int(0),
        new_axis_mask: int(0),
        shrink_axis_mask: int(0),
      },
    },
    {
      inputs: [f(5, 6), ints(1, 5), ints(2, 0), ints(1, -1)],
      attrs: {
        T: T(),
        Index: T('int32'),
        begin_mask: int(0),
        end_mask: int(0),
        ellipsis_mask: int(0),
        new_axis_mask: int(0),
        shrink_axis_mask: int(1),
      },
    },
  ],
  Pad: [
    {
      inputs: [f(2, 3), { shape: [2, 2], dtype: 'int32', values: [1, 0, 2, 3] }],
      attrs: { T: T(), Tpaddings: T('int32') },
    },
  ],
  PadV2: [
    {
      inputs: [f(2, 3), { shape: [2, 2], dtype: 'int32', values: [1, 0, 2, 3] }, f()],
      attrs: { T: T(), Tpaddings: T('int32') },
    },
  ],
  MirrorPad: [
    {
      inputs: [f(4, 3), { shape: [2, 2], dtype: 'int32', values: [1, 0, 2, 1] }],
      attrs: { T: T(), Tpaddings: T('int32'), mode: text('REFLECT') },
    },
  ],
  Tile: [{ inputs: [f(2, 3), ints(2, 3)], attrs: { T: T(), Tmultiples: T('int32') } }],
  BroadcastTo: [{ inputs: [f(1, 3), ints(4, 2, 3)], attrs: { T: T(), Tidx: T('int32') } }],
  Fill: [{ inputs: [ints(2, 3), f()], attrs: { T: T(), index_type: T('int32') } }],
  ExpandDims: [{ inputs: [f(2, 3), one(-1)], attrs: { T: T(), Tdim: T('int32') } }],
  Squeeze: [
    { inputs: [f(1, 3, 1)], attrs: { T: T(), squeeze_dims: int([0]) } },
    { inputs: [f(1, 3, 1)], attrs: { T: T() } },
  ],
  Split: [{ inputs: [one(1), f(2, 6)], attrs: { T: T(), num_split: int(3) }, outputs: 3 }],
  SplitV: [
    { inputs: [f(2, 6), ints(1, -1, 2), one(1)], attrs: { T: T(), Tlen: T('int32'), num_split: int(3) }, outputs: 3 },
  ],
  GatherV2: [
    {
      inputs: [f(4, 5), { shape: [2, 3], dtype: 'int32', values: [0, 1, 2, 3, 0, 1] }, one(1)],
      attrs: { Tparams: T(), Tindices: T('int32'), Taxis: T('int32'), batch_dims: int(0) },
    },
    {
      inputs: [f(2, 4, 5), { shape: [2, 3], dtype: 'int32', values: [0, 1, 2, 3, 0, 1] }, one(1)],
      attrs: { Tparams: T(), Tindices: T('int32'), Taxis: T('int32'), batch_dims: int(1) },
    },
  ],
  ReverseV2: [{ inputs: [f(2, 3), ints(0)], attrs: { T: T(), Tidx: T('int32') } }],
  OneHot: [{ inputs: [ints(0, 2), one(4), f(), f()], attrs: { T: T(), TI: T('int32'), axis: int(-1) } }],
  DepthToSpace: [{ inputs: [f(1, 2, 3, 8)], attrs: { T: T(), block_size: int(2), data_format: text('NHWC') } }],
  UnsortedSegmentSum: [
    { inputs: [f(4, 3), ints(0, 1, 0, 2), one(3)], attrs: { T: T(), Tindices: T('int32'), Tnumsegments: T('int32') } },
  ],
  ...same('StatelessRandomNormal StatelessRandomUniform', () => ({
    inputs: [ints(2, 3), ints(1, 2)],
    attrs: { dtype: T(), T: T('int32'), Tseed: T('int32') },
  })),
  Roll: [{ inputs: [f(4, 3), one(1), one(0)], attrs: { T: T(), Tshift: T('int32'), Taxis: T('int32') } }],
  Shape: [{ inputs: [f(4, 3)], attrs: { T: T(), out_type: T('int32') } }],
  Cumsum: [
    { inputs: [f(4, 3), one(1)], attrs: { T: T(), Tidx: T('int32'), exclusive: flag(false), reverse: flag(false) } },
  ],
  TensorScatterUpdate: [
    {
      inputs: [f(4, 3), { shape: [1, 1], dtype: 'int32', values: [2] }, f(1, 3)],
      attrs: { T: T(), Tindices: T('int32') },
    },
  ],
  ...Object.fromEntries(['Sum', 'Mean', 'Max', 'Min', 'Prod'].map((op) => [op, reduction()])),
  ...Object.fromEntries(['Any', 'All'].map((op) => [op, reduction('bool')])),
  ...same('ArgMax ArgMin', () => ({
    inputs: [f(2, 3), one(-1)],
    attrs: { T: T(), Tidx: T('int32'), output_type: T('int32') },
  })),
  MatMul: [{ inputs: [f(3, 2), f(5, 3)], attrs: { T: T(), transpose_a: flag(true), transpose_b: flag(true) } }],
  BatchMatMul: [{ inputs: [f(2, 3, 4), f(2, 4, 5)], attrs: { T: T(), adj_x: flag(false), adj_y: flag(false) } }],
  BatchMatMulV2: [{ inputs: [f(4, 1, 2, 3), f(2, 5, 3)], attrs: { T: T(), adj_x: flag(false), adj_y: flag(true) } }],
  BiasAddGrad: [{ inputs: [f(2, 3)], attrs: { T: T(), data_format: text('NHWC') } }],
  L2Loss: [unary()],
  SoftmaxCrossEntropyWithLogits: [{ inputs: [f(2, 3), f(2, 3)], attrs: { T: T() }, outputs: 2 }],
  TopKV2: [{ inputs: [f(2, 5), one(3)], attrs: { T: T(), sorted: flag(true) }, outputs: 2 }],
  Conv2D: [
    { inputs: [f(2, 7, 8, 3), f(3, 3, 3, 4)], attrs: conv },
    {
      inputs: [f(2, 7, 8, 3), f(3, 3, 3, 4)],
      attrs: { T: T(), strides: int([1, 2, 2, 1]), padding: text('SAME'), data_format: text('NHWC') },
    },
  ],
  DepthwiseConv2dNative: [{ inputs: [f(2, 7, 8, 3), f(3, 3, 3, 2)], attrs: conv }],
  Conv2DBackpropInput: [{ inputs: [ints(2, 7, 8, 3), f(3, 3, 3, 4), f(2, 4, 4, 4)], attrs: conv }],
  Conv2DBackpropFilter: [{ inputs: [f(2, 7, 8, 3), ints(3, 3, 3, 4), f(2, 4, 4, 4)], attrs: conv }],
  DepthwiseConv2dNativeBackpropInput: [{ inputs: [ints(2, 7, 8, 3), f(3, 3, 3, 2), f(2, 4, 4, 6)], attrs: conv }],
  DepthwiseConv2dNativeBackpropFilter: [{ inputs: [f(2, 7, 8, 3), ints(3, 3, 3, 2), f(2, 4, 4, 6)], attrs: conv }],
  ...same('MaxPool AvgPool', () => ({ inputs: [f(2, 7, 8, 3)], attrs: pool })),
  MaxPoolGrad: [{ inputs: [f(2, 7, 8, 3), f(2, 3, 3, 3), f(2, 3, 3, 3)], attrs: pool }],
  AvgPoolGrad: [{ inputs: [ints(2, 7, 8, 3), f(2, 3, 3, 3)], attrs: pool }],
  FusedBatchNorm: [
    {
      inputs: [f(2, 4, 4, 3), f(3), f(3), f(0), f(0)],
      attrs: { T: T(), epsilon: norm.epsilon, data_format: text('NHWC'), is_training: flag(true) },
      outputs: 5,
    },
  ],
  FusedBatchNormV2: [{ inputs: [f(2, 4, 4, 3), f(3), f(3), f(0), f(0)], attrs: norm, outputs: 5 }],
  FusedBatchNormV3: [{ inputs: [f(2, 4, 4, 3), f(3), f(3), f(0), f(0)], attrs: norm, outputs: 6 }],
  FusedBatchNormGrad: [
    {
      inputs: [f(2, 4, 4, 3), f(2, 4, 4, 3), f(3), f(3), f(3)],
      attrs: { T: T(), epsilon: norm.epsilon, data_format: text('NHWC'), is_training: flag(true) },
      outputs: 5,
    },
  ],
  FusedBatchNormGradV2: [{ inputs: [f(2, 4, 4, 3), f(2, 4, 4, 3), f(3), f(3), f(3)], attrs: norm, outputs: 5 }],
  FusedBatchNormGradV3: [{ inputs: [f(2, 4, 4, 3), f(2, 4, 4, 3), f(3), f(3), f(3), f(0)], attrs: norm, outputs: 5 }],
  ...same('ResizeBilinear ResizeNearestNeighbor ResizeBicubic ResizeArea', () => ({
    inputs: [f(2, 4, 5, 3), ints(8, 6)],
    attrs: { T: T(), align_corners: flag(false) },
  })),
};

function check(op: string, { inputs, attrs, outputs = 1 }: Case): void {
  const { binding } = loaded;
  const literals = inputs.map(({ shape, dtype = 'float32', values }): Literal => {
    const size = shape.reduce((product, length) => product * length, 1);
    const filled =
      values ?? Array.from({ length: size }, (_, index) => (dtype === 'bool' ? index % 2 : 0.3 + index / 50));
    return {
      shape,
      dtype,
      values:
        dtype === 'float32'
          ? Float32Array.from(filled)
          : dtype === 'int32'
            ? Int32Array.from(filled)
            : Uint8Array.from(filled),
    };
  });
  const ids = literals.map(({ shape, dtype, values }) =>
    binding!.createTensor(shape, DTYPE[dtype], values as Float32Array),
  );
  const real = binding!.executeOp(op, toAddonAttrs(attrs), ids, outputs).map(({ id, shape, dtype }): Info => {
    binding!.deleteTensor(id);
    return { shape, dtype: dtypeName(dtype) };
  });
  for (const id of ids) binding!.deleteTensor(id);
  const inferred = inferShapes({
    ...{
      op,
      attrs: attrs as Record<string, GraphAttr>,
      inputs: literals.map(({ shape, dtype }) => ({ shape, dtype: dtype as GraphDType })),
    },
    values: (index) => Array.from(literals[index]!.values as Int32Array),
  });
  expect(inferred).toEqual(real);
}

describe.skipIf(engineMissing)('shape functions agree with TensorFlow', () => {
  it('each has a case', () => expect(knownOps().filter((op) => !CASES[op])).toEqual([]));
  for (const [op, cases] of Object.entries(CASES)) it(op, () => cases.forEach((example) => check(op, example)));
});
