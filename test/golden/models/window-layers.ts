/** Layers of window attention; window-layers.py computes their golden numbers. */
import { relativePositionBias } from '../../../src/main/engine/layers/relative-position-bias';
import { stripeAttention } from '../../../src/main/engine/layers/stripe-attention';
import { regionMask, windowAttention } from '../../../src/main/engine/layers/window-attention';
import { windowOrder, windowRegions } from '../../../src/main/engine/layers/windows';
import { laidOut, plain, type LayerCase } from './layer-programs';

const HEADS = 2;
/** Number of images. */
const BATCH = 2;

const bias = (stored: number, window: number): LayerCase => ({
  name: `relative position bias ${stored} to ${window}`,
  arguments: { table: plain('table', [(2 * stored - 1) ** 2, HEADS]) },
  output: [HEADS, window ** 2, window ** 2],
  forward: (context, { table }) => relativePositionBias(context, table!, stored, window),
});

function windows(name: string, side: number, window: number, shift: number, dim: number): LayerCase {
  const cuts = { side, height: window, width: window, shift };
  const length = window * window;
  return {
    name,
    arguments: {
      packed: plain('packed', [BATCH * side * side, 3 * dim]),
      bias: plain('bias', [HEADS, length, length]),
    },
    output: [BATCH * side * side, dim],
    forward: (context, { packed, bias }) =>
      windowAttention(context, packed!, {
        ...{ heads: HEADS, length, bias: bias! },
        ...(window === side ? {} : { order: windowOrder(cuts) }),
        ...(shift ? { mask: regionMask(context, windowRegions(cuts), length) } : {}),
      }),
  };
}

const stripes = (name: string, side: number, height: number, width: number, dim: number): LayerCase => ({
  name,
  arguments: {
    packed: plain('packed', [BATCH * side * side, 3 * dim]),
    filter: laidOut('filter', 'depthwise', [3, 3, dim, 1], [dim, 1, 3, 3]),
    bias: plain('bias', [dim]),
  },
  output: [BATCH * side * side, dim],
  forward: (context, { packed, filter, bias }) =>
    stripeAttention(context, packed!, {
      ...{ heads: HEADS, stripes: { side, height, width, shift: 0 }, filter: filter!, bias: bias! },
    }),
});

export const WINDOW_LAYERS: readonly LayerCase[] = [
  ...(
    [
      [4, 4],
      [4, 3],
      [2, 3],
      [3, 1],
    ] as const
  ).map(([stored, window]) => bias(stored, window)),
  windows('windows of 2 in a map of 4, shifted', 4, 2, 1, 8),
  windows('windows of 3 in a map of 6, shifted', 6, 3, 1, 4),
  // Our own op takes heads of this width.
  windows('windows of 2 in a map of 4, heads of 16', 4, 2, 0, 32),
  windows('one window', 3, 3, 0, 4),
  stripes('stripes of 2 along the height', 4, 4, 2, 8),
  stripes('stripes of 1 along the width', 4, 1, 4, 8),
  stripes('one stripe, heads of 16', 3, 3, 3, 32),
];
