import type { GraphNode } from './graph';

/** Ops whose result is their input's own memory: TensorFlow hands the buffer on. */
export const ALIASES: ReadonlySet<string> = new Set([
  ...['Identity', 'IdentityN', 'Reshape', 'Squeeze', 'ExpandDims', 'StopGradient', 'PreventGradient', 'Snapshot'],
  ...['Bitcast', 'CheckNumerics', 'EnsureShape', 'PlaceholderWithDefault'],
]);

/**
 * Ops that do so where they have nothing to change: a Tile of once, a Transpose into the same order, a Pad by nothing,
 * a sum of one tensor or over no axis, a part that is the whole or whole rows. What reads their result may read their
 * input's memory; mostly it is new memory.
 */
const SOMETIMES = new Set([
  ...[
    'Tile',
    'Transpose',
    'ConjugateTranspose',
    'Pad',
    'PadV2',
    'MirrorPad',
    'BroadcastTo',
    'Cast',
    'ReverseV2',
    'Roll',
  ],
  ...['AddN', 'Sum', 'Mean', 'Max', 'Min', 'Prod', 'All', 'Any', 'Cumsum'],
  ...['Slice', 'StridedSlice', 'Split', 'SplitV', 'Unpack', 'Pack', 'Concat', 'ConcatV2', 'GatherV2'],
  ...['SpaceToBatchND', 'BatchToSpaceND', 'ResizeBilinear', 'ResizeNearestNeighbor'],
]);

/** Whether a node's result may be its input's own memory; a Cast's is where it keeps the type. */
export const mayAlias = ({ op, attrs }: Pick<GraphNode, 'op' | 'attrs'>): boolean =>
  ALIASES.has(op) || (SOMETIMES.has(op) && (op !== 'Cast' || attrs['SrcT']?.value === attrs['DstT']?.value));
