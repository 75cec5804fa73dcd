/** Finds the dictionary of a checkpoint that holds the weights. */
import { BadPickle } from './globals';
import { described, isDict, isTensor, type Dict, type Tensor, type Value } from './values';

/**
 * Keys under which training programs keep weights. The first that exists is used, as in timm's loader: averaged weights
 * (EMA) come before the trained ones, because published accuracies are theirs.
 */
export const STATE_KEYS = ['state_dict_ema', 'model_ema', 'state_dict', 'model'] as const;

/** Problem with the choice of a key, in whole sentences. */
export class NoSuchState extends Error {
  constructor(
    message: string,
    /** Keys that hold weights. */
    readonly choices: readonly string[],
  ) {
    super(message);
  }
}

export interface State {
  /** Key of the weights; null: the file consists of weights only. */
  key: string | null;
  tensors: ReadonlyMap<string, Tensor>;
}

const isState = (value: Value | undefined): value is Dict =>
  value !== undefined && isDict(value) && value.pairs.some(([, each]) => isTensor(each));

const entry = ({ pairs }: Dict, key: string): Value | undefined => pairs.findLast(([own]) => own === key)?.[1];

/** Returns the keys of dictionaries with tensors, one level down. */
const choicesOf = (root: Dict): string[] => [
  ...new Set(root.pairs.flatMap(([key, value]) => (typeof key === 'string' && isState(value) ? [key] : []))),
];

/**
 * Returns the weights. @param wanted a key, with dots between the keys of several levels; null: as above @throws
 * NoSuchState, BadPickle
 */
export function stateOf(root: Value, wanted: string | null): State {
  if (!isDict(root)) throw new BadPickle(`It holds ${described(root)} and no dictionary of tensors.`);
  const choices = choicesOf(root);
  if (wanted !== null) {
    const found = entry(root, wanted) ?? along(root, wanted.split('.'));
    if (isState(found)) return { key: wanted, tensors: tensorsOf(found, wanted) };
    throw new NoSuchState(`There are no weights under the key ${wanted}.`, choices);
  }
  const usual = STATE_KEYS.find((key) => choices.includes(key));
  if (usual !== undefined) return { key: usual, tensors: tensorsOf(entry(root, usual) as Dict, usual) };
  if (isState(root)) return { key: null, tensors: tensorsOf(root, null) };
  const [only, ...others] = choices;
  if (only === undefined) throw new NoSuchState('It holds no dictionary of tensors.', []);
  if (others.length) throw new NoSuchState('Several of its dictionaries hold weights.', choices);
  return { key: only, tensors: tensorsOf(entry(root, only) as Dict, only) };
}

function along(root: Dict, keys: readonly string[]): Value | undefined {
  let value: Value | undefined = root;
  for (const key of keys) value = value !== undefined && isDict(value) ? entry(value, key) : undefined;
  return value;
}

/** Returns the tensors of a dictionary. @throws BadPickle naming a value that is no tensor */
function tensorsOf({ pairs }: Dict, key: string | null): Map<string, Tensor> {
  const place = key === null ? '' : ` under ${key}`;
  return new Map(
    pairs.map(([name, value]): [string, Tensor] => {
      if (typeof name !== 'string') throw new BadPickle(`One of the names${place} is ${described(name)}.`);
      if (!isTensor(value))
        throw new BadPickle(`${name}${place} is ${described(value)}, and weights are tensors only.`);
      return [name, value];
    }),
  );
}
