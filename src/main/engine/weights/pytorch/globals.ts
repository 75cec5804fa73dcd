/**
 * Functions and classes that a pickle of weights may name. Each is implemented in this file; nothing is resolved by its
 * name and no Python runs. Any other name is refused.
 */
import type { StoredDtype } from '../dtypes';
import { described, isOf, type Dict, type List, type Storage, type Tensor, type Tuple, type Value } from './values';

/** Problem of a pickle, in whole sentences. */
export class BadPickle extends Error {}

/** A pickle that names something unknown here, which may be harmless in a program that knows it. */
export class UnknownName extends BadPickle {}

const STORAGES: Readonly<Record<string, StoredDtype>> = {
  'torch.DoubleStorage': 'F64',
  'torch.FloatStorage': 'F32',
  'torch.HalfStorage': 'F16',
  'torch.BFloat16Storage': 'BF16',
  'torch.LongStorage': 'I64',
  'torch.IntStorage': 'I32',
  'torch.ShortStorage': 'I16',
  'torch.CharStorage': 'I8',
  'torch.ByteStorage': 'U8',
  'torch.BoolStorage': 'BOOL',
};

/** Settings, counters and paths that training programs save with their weights. Their content is skipped. */
const INERT: ReadonlySet<string> = new Set([
  'argparse.Namespace',
  'types.SimpleNamespace',
  'yacs.config.CfgNode',
  'collections.Counter',
  'torch.device',
  'pathlib.PosixPath',
  'pathlib.PurePosixPath',
  'pathlib.WindowsPath',
  'pathlib.PureWindowsPath',
  'pathlib._local.PosixPath',
  'pathlib._local.WindowsPath',
  // This is a NumPy number, such as a best accuracy.
  'numpy.dtype',
  'numpy.core.multiarray.scalar',
  'numpy._core.multiarray.scalar',
  '_codecs.encode',
]);

const DTYPES = /^torch\.(float|double|half|bfloat|u?int|long|short|bool|complex)\w*$/;

/** Largest number of axes, as in PyTorch. */
const MOST_AXES = 64;

type Call = (args: readonly Value[]) => Value;

const CALLS: Readonly<Record<string, Call>> = {
  'torch._utils._rebuild_tensor_v2': rebuildTensor,
  'torch._utils._rebuild_parameter': ([tensor]) => needed(tensor, 'tensor', 'torch._utils._rebuild_parameter'),
  'collections.OrderedDict': orderedDict,
  'torch.Size': ([sizes]) => needed(sizes, 'tuple', 'torch.Size'),
};

const isKnown = (name: string): boolean =>
  Object.hasOwn(CALLS, name) || Object.hasOwn(STORAGES, name) || INERT.has(name) || DTYPES.test(name);

/** Checks a name that a pickle may hold. @throws BadPickle */
export function named(name: string): Value {
  if (isKnown(name)) return { kind: 'named', name };
  throw new UnknownName(
    `It asks for ${name}, which no weights need. Such a name can run any program, so nothing of it is read.`,
  );
}

/** Returns the result of calling a name. @throws BadPickle */
export function called(callee: Value, args: Value): Value {
  if (!isOf(callee, 'named') || !isOf(args, 'tuple'))
    throw new BadPickle(`It calls ${described(callee)}, which can't be called.`);
  const { name } = callee;
  if (Object.hasOwn(CALLS, name)) return (CALLS[name] as Call)(args.items);
  if (INERT.has(name)) return { kind: 'inert', name };
  throw new BadPickle(`It calls ${name}, which can't be called.`);
}

function needed<Kind extends 'tensor' | 'tuple'>(
  value: Value | undefined,
  kind: Kind,
  by: string,
): Extract<Value, { kind: Kind }> {
  if (isOf(value, kind)) return value;
  throw new BadPickle(`It gives ${by} ${value === undefined ? 'nothing' : described(value)} where a ${kind} belongs.`);
}

/** Makes a dictionary of nothing, or of a list of pairs, as Python 2 wrote it. */
function orderedDict([given]: readonly Value[]): Dict {
  if (given === undefined) return { kind: 'dict', pairs: [] };
  const pairs = isOf(given, 'list') ? given.items : null;
  if (
    !pairs?.every(
      (pair): pair is Tuple | List => (isOf(pair, 'list') || isOf(pair, 'tuple')) && pair.items.length === 2,
    )
  )
    throw new BadPickle('It makes a collections.OrderedDict of something other than pairs.');
  return { kind: 'dict', pairs: pairs.map(({ items: [key, value] }) => [key as Value, value as Value]) };
}

const isCount = (value: Value | undefined): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

/**
 * Implements _rebuild_tensor_v2(storage, storage_offset, size, stride, requires_grad, backward_hooks): a view of a
 * storage.
 */
function rebuildTensor([storage, offset, size, stride]: readonly Value[]): Tensor {
  if (!isOf(storage, 'storage')) throw new BadPickle('It makes a tensor of something other than a storage.');
  const [shape, steps] = [counts(size), counts(stride)];
  if (!isCount(offset) || shape.length !== steps.length || shape.length > MOST_AXES)
    throw new BadPickle('It makes a tensor whose offset, size and stride do not go together.');
  return { kind: 'tensor', storage, offset: storage.first + offset, shape, stride: steps };
}

function counts(value: Value | undefined): readonly number[] {
  if (isOf(value, 'tuple') && value.items.every(isCount)) return value.items as number[];
  throw new BadPickle('It makes a tensor whose size or stride is no list of whole numbers from 0 on.');
}

/**
 * Resolves a persistent id: ('storage', type, key, place, elements), and in the older format a view of that storage,
 * (key, first element, elements). @throws BadPickle
 */
export function storageOf(id: Value): Storage {
  const [kind, type, key, , count, view = null] = isOf(id, 'tuple') ? id.items : [];
  if (kind !== 'storage' || !isOf(type, 'named') || typeof key !== 'string' || !isCount(count))
    throw new BadPickle('It refers to something outside that is no storage.');
  const dtype = Object.hasOwn(STORAGES, type.name) ? STORAGES[type.name] : undefined;
  if (dtype === undefined) throw new BadPickle(`It holds a storage of type ${type.name}, which is not handled.`);
  const first = view === null ? 0 : isOf(view, 'tuple') ? view.items[1] : undefined;
  if (!isCount(first)) throw new BadPickle('It refers to a view of a storage that does not say where it begins.');
  return { kind: 'storage', dtype, key, count, first };
}
