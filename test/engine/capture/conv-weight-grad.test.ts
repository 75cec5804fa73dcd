/** Our gradient of convolutions' weights agrees with oneDNN's, and the right nodes of a graph are replaced by it. */
import { describe, expect, it } from 'vitest';
import { EagerExecutor } from '../../../src/main/engine/capture/eager';
import { int } from '../../../src/main/engine/layers/attrs';
import type { Attr, Program, Tensor } from '../../../src/main/engine/types';
import { relativeDistance } from '../../golden/models/expect-close';
import { engineMissing, loaded, ownOps } from '../../support/engine';
import { floats, nodesOf, numbersFor, programOf } from './programs';

interface Case {
  batch: number;
  side: number;
  kernel: number;
  stride: number;
  padding: 'SAME' | 'VALID';
  channels: [number, number];
}

const sideOf = ({ side, kernel, stride, padding }: Case): number =>
  padding === 'SAME' ? Math.ceil(side / stride) : Math.floor((side - kernel) / stride) + 1;
const shapesOf = (given: Case): Record<'x' | 'dy', number[]> => {
  const { batch, side, channels } = given;
  return { x: [batch, side, side, channels[0]], dy: [batch, sideOf(given), sideOf(given), channels[1]] };
};

/** Builds a program with oneDNN's gradient, and with ours where the library has it. */
function program(given: Case, own: boolean): Program {
  const { kernel, stride, padding, channels } = given;
  const oneDnn: Record<string, Attr> = {
    T: { kind: 'type', value: 'float32' },
    strides: int([1, stride, stride, 1]),
    dilations: int([1, 1, 1, 1]),
    padding: { kind: 'string', value: padding },
    data_format: { kind: 'string', value: 'NHWC' },
  };
  const before = padding === 'SAME' ? (kernel - 1) / 2 : 0;
  const ours = { height: int(kernel), width: int(kernel), stride: int(stride), padding: int(before) };
  return programOf(
    ({ tf, op }, { x, dy }) => {
      const [image, gradient] = [x as Tensor, dy as Tensor];
      const sizes = tf.tensor1d([kernel, kernel, ...channels], 'int32');
      const expected = op('Conv2DBackpropFilter', [image, sizes, gradient], oneDnn)[0] as Tensor;
      return { expected, ...(own ? { actual: op('StudioConvWeightGrad', [image, gradient], ours)[0] as Tensor } : {}) };
    },
    floats(shapesOf(given)),
  );
}

const CASES: [string, Case][] = [
  ['1 x 1', { batch: 2, side: 5, kernel: 1, stride: 1, padding: 'VALID', channels: [64, 48] }],
  ['1 x 1 of stride 2', { batch: 2, side: 8, kernel: 1, stride: 2, padding: 'VALID', channels: [32, 64] }],
  ['3 x 3', { batch: 3, side: 7, kernel: 3, stride: 1, padding: 'SAME', channels: [64, 64] }],
  ['3 x 3 of stride 2', { batch: 2, side: 10, kernel: 3, stride: 2, padding: 'VALID', channels: [16, 32] }],
  ['channels that fill no panel', { batch: 2, side: 6, kernel: 3, stride: 1, padding: 'SAME', channels: [19, 21] }],
  ['more channels than a tile', { batch: 2, side: 4, kernel: 3, stride: 1, padding: 'SAME', channels: [140, 150] }],
  ['pixels in several shares', { batch: 3, side: 40, kernel: 1, stride: 1, padding: 'VALID', channels: [16, 16] }],
  [
    'an image smaller than the kernel',
    { batch: 5, side: 2, kernel: 5, stride: 1, padding: 'SAME', channels: [16, 16] },
  ],
];

describe.skipIf(!ownOps)('StudioConvWeightGrad', () => {
  it.each(CASES)('%s', (_, given) => {
    const { actual, expected } = new EagerExecutor(program(given, true), loaded).run(
      'step',
      numbersFor(shapesOf(given), 3),
    );
    expect(expected!.some((value) => value !== 0)).toBe(true);
    expect(relativeDistance(actual!, expected!)).toBeLessThan(1e-6);
  });
});

describe.skipIf(engineMissing)('gradients of weights in a graph', () => {
  const opsOf = (given: Case, autocast: string[] = []): string[] =>
    nodesOf(program(given, false), autocast).map(({ op }) => op);
  const plain: Case = { batch: 2, side: 8, kernel: 3, stride: 1, padding: 'SAME', channels: [16, 16] };

  it.each([
    ['plain ones', plain],
    ['of stride 2 whose image was padded before', { ...plain, stride: 2, padding: 'VALID' as const }],
  ])('are ours: %s', (_, given) => {
    expect(opsOf(given)).toContain('StudioConvWeightGrad');
    expect(opsOf(given)).not.toContain('Conv2DBackpropFilter');
  });

  it.each([
    ['few channels', { ...plain, channels: [3, 16] as [number, number] }, []],
    ['padding that may be uneven', { ...plain, stride: 2 }, []],
    ['half the bits', plain, ['step']],
  ])('stay oneDNN’s: %s', (_, given, autocast) => {
    expect(opsOf(given, autocast)).not.toContain('StudioConvWeightGrad');
    expect(opsOf(given, autocast)).toContain('Conv2DBackpropFilter');
  });
});
