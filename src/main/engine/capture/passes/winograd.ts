import { infoOf, type GraphAttr, type GraphNode, type Info, type Pass } from '../graph';
import { onlyRead } from './only-read';

/** Channels of a strip of weights. */
const STRIP = 16;
/** With more weights than this, making 16 of each nine takes longer than they save. */
const MOST_WEIGHTS = 1 << 17;

/**
 * Whether it is faster, by the times of both on an AVX2 processor: directly, a pixel is 18 multiply-adds for each pair of channels; here a tile of 2 x 2 pixels is 32,
 * and before that the pair's weights are made, which takes as long as some 160 pixels.
 */
function pays([batch, height, width]: readonly number[], [, , ins, outs]: readonly number[]): boolean {
  const [images, down, across, into, from] = [batch, height, width, ins, outs] as [number, number, number, number, number];
  const tiles = images * Math.ceil(down / 2) * Math.ceil(across / 2);
  return into * from <= MOST_WEIGHTS && images * down * across > 1.8 * tiles + 160;
}

const reluAttr = (value: boolean): Record<string, GraphAttr> => ({ relu: { kind: 'bool', value } });
const hasRelu = ({ attrs }: GraphNode): boolean => attrs['relu']?.value === true;

/** 3 x 3 in strides of 1 that keeps the image's size, in float32, channels in whole strips. */
function fits({ attrs, outputs }: GraphNode, image: Info, weight: Info): boolean {
  const ones = (attr: string): boolean => ((attrs[attr]?.value as number[] | undefined) ?? []).every((step) => step === 1);
  const [height, width, ins, outs] = weight.shape as [number, number, number, number];
  if ([image, weight, outputs[0]].some((info) => info?.dtype !== 'float32')) return false;
  if (height !== 3 || width !== 3 || !ones('strides') || !ones('dilations') || attrs['padding']?.value !== 'SAME') return false;
  return ins % STRIP === 0 && outs % STRIP === 0 && pays(image.shape, weight.shape);
}

/**
 * Convolutions of 3 x 3 and the gradients of their images by our own op (backend/native/kernels/winograd.cc), in evaluation with the shift, the addition
 * and the ReLU that follow. After autocast, whose bfloat16 products stay oneDNN's.
 */
export const winograd: Pass = (nodes, kept) => {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const only = onlyRead(nodes, kept);
  const made = new Map<string, GraphNode>();
  const taken = new Set<string>();
  /** The op of ours behind `ref` that a following node may become a part of. */
  const open = (ref: string | undefined, ...ops: string[]): GraphNode | undefined => {
    const layer = made.get(only(ref)?.name ?? '');
    return layer && ops.includes(layer.op) && !hasRelu(layer) ? layer : undefined;
  };
  const join = (node: GraphNode, layer: GraphNode, rest: Pick<GraphNode, 'op' | 'inputs' | 'attrs'>): void => {
    taken.add(layer.name);
    made.set(node.name, { ...node, ...rest });
  };
  for (const node of nodes) {
    const [first, second, third] = node.inputs as [string, string, string];
    if (node.op === 'Conv2D' && node.inputs.length === 2) {
      if (fits(node, infoOf(byName, first), infoOf(byName, second))) made.set(node.name, { ...node, op: 'StudioWinograd', attrs: {} });
    } else if (node.op === 'Conv2DBackpropInput' && node.inputs.length === 3) {
      if (fits(node, infoOf(byName, third), infoOf(byName, second)))
        made.set(node.name, { ...node, op: 'StudioWinogradGrad', inputs: [third, second], attrs: {} });
    } else if (node.op === 'BiasAdd') {
      const layer = open(first, 'StudioWinograd');
      if (layer) join(node, layer, { op: 'StudioWinogradShift', inputs: [...layer.inputs, second], attrs: reluAttr(false) });
    } else if (node.op === 'AddV2') {
      const layer = open(first, 'StudioWinogradShift') ?? open(second, 'StudioWinogradShift');
      const other = layer && made.get(only(first)?.name ?? '') === layer ? second : first;
      if (layer && infoOf(byName, other).shape.join() === layer.outputs[0]?.shape.join())
        join(node, layer, { op: 'StudioWinogradShiftAdd', inputs: [...layer.inputs, other], attrs: reluAttr(false) });
    } else if (node.op === 'Relu') {
      const layer = open(first, 'StudioWinogradShift', 'StudioWinogradShiftAdd');
      if (layer) join(node, layer, { op: layer.op, inputs: layer.inputs, attrs: reluAttr(true) });
    }
  }
  return nodes.filter(({ name }) => !taken.has(name)).map((node) => made.get(node.name) ?? node);
};
