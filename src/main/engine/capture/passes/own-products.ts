import { infoOf, isControl, type GraphAttr, type GraphNode, type Pass } from '../graph';
import type { OwnOptions } from './half-products';
import { onlyRead } from './only-read';

/** With fewer rows, packing the weights takes longer than multiplying by them. */
const LEAST_ROWS = 32;
/** Channels in a strip of weights; a 3 x 3 convolution has to fill at least one. */
const STRIP = 16;
/** With more weights than this, transforming them (9 numbers to 16) takes longer than it saves. */
const MOST_WEIGHTS = 1 << 17;

/** A product of ours and what follows it: a factor `scale`, `bias`, the addend `add`, a ReLU. */
interface Product {
  op: 'StudioLinear' | 'StudioConv' | 'StudioWinograd';
  x: string;
  weight: string;
  scale?: string;
  bias?: string;
  add?: string;
  relu?: true;
  gradient?: true;
  half: boolean;
}
type Kind = Product['op'];

function asNode(node: GraphNode, { op, x, weight, scale, bias, add, relu, gradient, half }: Product): GraphNode {
  const rest = [scale, bias, add].filter((ref) => ref !== undefined);
  const bool = (value: unknown): GraphAttr => ({ kind: 'bool', value: value !== undefined });
  const flags = {
    scale: bool(scale),
    bias: bool(bias),
    add: bool(add),
    relu: bool(relu),
    gradient: bool(gradient),
    half_products: bool(half || undefined),
  };
  return { ...node, op, inputs: [x, weight, ...rest], attrs: { count: { kind: 'int', value: rest.length }, ...flags } };
}

/**
 * Says whether a 3 x 3 convolution is faster by Winograd tiles, from times of both on an AVX2 processor. Directly, a
 * pixel takes 18 multiply-adds for each pair of channels. A tile of 2 x 2 pixels takes 32, and the transform of the
 * pair's weights takes as long as some 120 pixels.
 */
function tilesPay(image: readonly number[], ins: number, outs: number): boolean {
  const [batch, height, width] = image as [number, number, number];
  const tiles = batch * Math.ceil(height / 2) * Math.ceil(width / 2);
  return (
    ins % STRIP === 0 && outs % STRIP === 0 && ins * outs <= MOST_WEIGHTS && batch * height * width > 1.8 * tiles + 120
  );
}

/**
 * Returns the kernel that computes a convolution of stride 1 that keeps the image's size, or the gradient of its image.
 * Null leaves it to oneDNN. For 3 x 3 convolutions in bfloat16, Winograd's tiles would lose what the shorter numbers
 * gain.
 */
function kindOf(
  { attrs }: GraphNode,
  image: readonly number[],
  weight: readonly number[],
  isHalf: boolean,
): Kind | null {
  const ones = (attr: string): boolean =>
    ((attrs[attr]?.value as number[] | undefined) ?? []).every((step) => step === 1);
  if (!ones('strides') || !ones('dilations')) return null;
  const [height, width, ins, outs] = weight as [number, number, number, number];
  const enoughRows = image.slice(0, 3).reduce((rows, side) => rows * side, 1) >= LEAST_ROWS;
  if (height === 1 && width === 1) return enoughRows ? 'StudioLinear' : null;
  if (height !== 3 || width !== 3 || attrs['padding']?.value !== 'SAME') return null;
  if (isHalf) return enoughRows && ins % STRIP === 0 && outs % STRIP === 0 ? 'StudioConv' : null;
  return tilesPay(image, ins, outs) ? 'StudioWinograd' : null;
}

/**
 * Replaces products by our own ops (backend/native/kernels: linear.cc, conv.cc, winograd.cc) together with what follows
 * them: linear layers forward, and convolutions of 1 x 1 and 3 x 3 forward and backward to the image. These are the
 * products that TensorFlow's use of oneDNN computes slower than possible, one after the other on all threads.
 */
export const ownProducts =
  ({ half, multipliesHalf }: OwnOptions): Pass =>
  (nodes, kept) => {
    const isHalf = half(nodes);
    const byName = new Map(nodes.map((node) => [node.name, node]));
    const only = onlyRead(nodes, kept);
    const made = new Map<string, Product>();
    const taken = new Set<string>();
    const shapeOf = (ref: string): readonly number[] => infoOf(byName, ref).shape;
    const isFloat = (...refs: string[]): boolean => refs.every((ref) => infoOf(byName, ref).dtype === 'float32');
    const isVector = (ref: string | undefined, length: number | undefined): boolean =>
      ref !== undefined && shapeOf(ref).length === 1 && shapeOf(ref)[0] === length;

    function convolution(node: GraphNode, x: string, weight: string): Product | undefined {
      if (!isFloat(x, weight) || node.outputs[0]?.dtype !== 'float32') return undefined;
      if (isHalf(node) && !multipliesHalf) return undefined;
      const op = kindOf(node, shapeOf(x), shapeOf(weight), isHalf(node));
      return op ? { op, x, weight, half: isHalf(node) } : undefined;
    }
    /** Scaling the output costs fewer multiplications than scaling the weights. */
    function unscaled(product: Product): Product {
      const scaled = only(product.weight);
      const [weight, scale] = scaled?.op === 'Mul' ? scaled.inputs : [];
      if (
        !scaled ||
        !weight ||
        !scale ||
        !isVector(scale, scaled.outputs[0]?.shape.at(-1)) ||
        shapeOf(weight).length !== 4
      )
        return product;
      taken.add(scaled.name);
      return { ...product, weight, scale };
    }
    /** Returns the product that `ref` names, if it can become a part of the one node that reads it. */
    const before = (ref: string | undefined): { name: string; product: Product } | undefined => {
      const name = only(ref)?.name;
      const product = name === undefined ? undefined : made.get(name);
      return name !== undefined && product && !product.gradient && !product.relu ? { name, product } : undefined;
    };
    function linear(node: GraphNode, x: string, weight: string): Product | undefined {
      if (!isFloat(x, weight) || node.outputs[0]?.dtype !== 'float32') return undefined;
      const turned = ['transpose_a', 'transpose_b'].some((attr) => node.attrs[attr]?.value === true);
      if (turned || (shapeOf(x)[0] ?? 0) < LEAST_ROWS || (isHalf(node) && !multipliesHalf)) return undefined;
      return { op: 'StudioLinear', x, weight, half: isHalf(node) };
    }
    /** Returns a linear layer, whose bias the node adds. */
    function biased({ op, inputs }: GraphNode): { name: string; product: Product } | undefined {
      const node = op === 'BiasAdd' ? only(inputs[0]) : undefined;
      const [x, weight] = node?.op === 'MatMul' && node.inputs.length === 2 ? node.inputs : [];
      const product = node && x && weight ? linear(node, x, weight) : undefined;
      return node && product && { name: node.name, product: { ...product, bias: inputs[1] as string } };
    }
    function follower({ op, inputs, outputs }: GraphNode): { name: string; product: Product } | undefined {
      const shape = outputs[0]?.shape ?? [];
      for (const [own, other] of [inputs, inputs.toReversed()]) {
        const layer = before(own);
        if (!layer) continue;
        const { product } = layer;
        if (op === 'Relu') return { ...layer, product: { ...product, relu: true } };
        if (!other || inputs.length !== 2 || !isFloat(other)) continue;
        if (op === 'Mul' && isVector(other, shape.at(-1)) && !product.scale && !product.bias && !product.add)
          return { ...layer, product: { ...product, scale: other } };
        if ((op === 'BiasAdd' || op === 'AddV2') && isVector(other, shape.at(-1)) && !product.bias && !product.add)
          return { ...layer, product: { ...product, bias: other } };
        if (op === 'AddV2' && shapeOf(other).join() === shape.join() && !product.add)
          return { ...layer, product: { ...product, add: other } };
      }
      return undefined;
    }

    for (const node of nodes) {
      const [first, second, third] = node.inputs as [string, string, string];
      if (node.inputs.some(isControl)) continue;
      if (node.op === 'Conv2D') {
        const product = convolution(node, first, second);
        if (product) made.set(node.name, unscaled(product));
      } else if (node.op === 'Conv2DBackpropInput') {
        const product = convolution(node, third, second);
        if (product) made.set(node.name, { ...product, gradient: true });
      } else if (node.op === 'MatMul') {
        // In float32 a product without a bias takes oneDNN 0.95 of our time (CAFormer at 96 and 224 px).
        const product = isHalf(node) ? linear(node, first, second) : undefined;
        if (product) made.set(node.name, product);
      } else {
        const following = follower(node) ?? biased(node);
        if (!following) continue;
        taken.add(following.name);
        made.set(node.name, following.product);
      }
    }
    return nodes
      .filter(({ name }) => !taken.has(name))
      .map((node) => {
        const product = made.get(node.name);
        return product ? asNode(node, product) : node;
      });
  };
