import type { GraphNode } from './graph';

/** Ops whose result is their input's own memory, because TensorFlow passes the buffer on. */
export const ALIASES: ReadonlySet<string> = new Set([
  ...['Identity', 'IdentityN', 'Reshape', 'Squeeze', 'ExpandDims', 'StopGradient', 'PreventGradient', 'Snapshot'],
  ...['Bitcast', 'CheckNumerics', 'EnsureShape', 'PlaceholderWithDefault'],
]);

/**
 * Ops whose result is their input's memory only where they change nothing: a Tile of one, a Transpose into the same
 * order, a Pad by nothing, a sum of one tensor or over no axis, a slice that is the whole or whole rows. Mostly their
 * result is new memory.
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

/** Says whether a node's result may be its input's own memory. For a Cast this is so where it keeps the type. */
export const mayAlias = ({ op, attrs }: Pick<GraphNode, 'op' | 'attrs'>): boolean =>
  ALIASES.has(op) || (SOMETIMES.has(op) && (op !== 'Cast' || attrs['SrcT']?.value === attrs['DstT']?.value));
