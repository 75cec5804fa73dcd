import { infoOf, isControl, type GraphAttr, type GraphNode, type Pass } from '../graph';
import type { OwnOptions } from './half-products';

/** With fewer input channels (a stem has three), the kernel's panels would be mostly empty. */
const LEAST_CHANNELS = 16;

const int = (value: number): GraphAttr => ({ kind: 'int', value });

/**
 * Computes gradients of convolutions' weights by our own op (backend/native/kernels/conv_weight_grad.cc). oneDNN's op
 * for AVX2 rearranges its result after each step, which takes as long as some of the products.
 */
export const convWeightGrad =
  ({ half, multipliesHalf }: OwnOptions): Pass =>
  (nodes) => {
    const byName = new Map(nodes.map((node) => [node.name, node]));
    const isHalf = half(nodes);
    return nodes.map((node) => {
      const given = node.op === 'Conv2DBackpropFilter' ? node.outputs[0] : undefined;
      if (given?.dtype !== 'float32' || (isHalf(node) && !multipliesHalf)) return node;
      const [height, width, channels] = given.shape as [number, number, number, number];
      const [stride, across] = (node.attrs['strides']?.value as number[]).slice(1, 3) as [number, number];
      const dilated = (node.attrs['dilations']?.value as number[] | undefined)?.some((step) => step !== 1);
      const padding = paddingOf(node, height, width, stride);
      if (channels < LEAST_CHANNELS || stride !== across || dilated || padding === null) return node;
      const [x, , dy, ...control] = node.inputs as [string, string, string, ...string[]];
      if (control.some((input) => !isControl(input)) || infoOf(byName, x).dtype !== 'float32') return node;
      const bool: GraphAttr = { kind: 'bool', value: isHalf(node) };
      const attrs = {
        height: int(height),
        width: int(width),
        stride: int(stride),
        padding: int(padding),
        half_products: bool,
      };
      return { ...node, op: 'StudioConvWeightGrad', inputs: [x, dy, ...control], attrs };
    });
  };

/**
 * Returns how many pixels are padded before the first row and column; null where the padding is not the same on all
 * sides.
 */
function paddingOf({ attrs }: GraphNode, height: number, width: number, stride: number): number | null {
  if (attrs['padding']?.value === 'VALID') return 0;
  return attrs['padding']?.value === 'SAME' && stride === 1 && height === width && height % 2 === 1
    ? (height - 1) / 2
    : null;
}
