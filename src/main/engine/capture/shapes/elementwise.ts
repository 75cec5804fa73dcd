import { attr, broadcast, input, one, sameFor, type ShapeTable } from './shape';
import type { GraphDType } from '../../backend/dtype';

const UNARY = [
  ...[
    'Abs',
    'Acos',
    'Asin',
    'Atan',
    'Ceil',
    'Cos',
    'Cosh',
    'DeepCopy',
    'Elu',
    'Erf',
    'Exp',
    'Expm1',
    'Floor',
    'Identity',
    'LeakyRelu',
    'Log',
    'Log1p',
  ],
  ...[
    'LogSoftmax',
    'Neg',
    'OnesLike',
    'Reciprocal',
    'Relu',
    'Relu6',
    'Round',
    'Rsqrt',
    'Selu',
    'Sigmoid',
    'Sign',
    'Sin',
    'Sinh',
    'Softmax',
    'Softplus',
  ],
  ...['Sqrt', 'Square', 'StopGradient', 'Tan', 'Tanh', 'ZerosLike', 'LogicalNot'],
];
const BINARY = [
  ...[
    'Add',
    'AddV2',
    'Sub',
    'Mul',
    'Div',
    'RealDiv',
    'DivNoNan',
    'FloorDiv',
    'FloorMod',
    'Maximum',
    'Minimum',
    'Pow',
    'SquaredDifference',
    'Atan2',
    'Mod',
  ],
];
const COMPARE = ['Equal', 'NotEqual', 'Greater', 'GreaterEqual', 'Less', 'LessEqual', 'LogicalAnd', 'LogicalOr'];
const GRADIENTS = [
  'ReluGrad',
  'Relu6Grad',
  'EluGrad',
  'SigmoidGrad',
  'TanhGrad',
  'SoftplusGrad',
  'RsqrtGrad',
  'SqrtGrad',
];

/** Ops that keep or broadcast shapes. */
export const elementwise: ShapeTable = {
  ...sameFor(UNARY, (query) => [input(query, 0)]),
  ...sameFor(BINARY, (query) =>
    one(broadcast(input(query, 0).shape, input(query, 1).shape, query.op), input(query, 0).dtype),
  ),
  ...sameFor(COMPARE, (query) => one(broadcast(input(query, 0).shape, input(query, 1).shape, query.op), 'bool')),
  ...sameFor(GRADIENTS, (query) => [input(query, 0)]),
  ...sameFor(['IsFinite', 'IsInf', 'IsNan'], (query) => one(input(query, 0).shape, 'bool')),
  Cast: (query) => one(input(query, 0).shape, attr(query, 'DstT') as GraphDType),
  AddN: (query) => [input(query, 0)],
  BiasAdd: (query) => [input(query, 0)],
  Select: (query) => [input(query, 1)],
  SelectV2: (query) => {
    const branches = broadcast(input(query, 1).shape, input(query, 2).shape, query.op);
    return one(broadcast(input(query, 0).shape, branches, query.op), input(query, 1).dtype);
  },
};
