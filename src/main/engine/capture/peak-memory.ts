/**
 * Estimates how many bytes a signature needs, from the traced and shape-inferred nodes alone: what a step keeps
 * (variables, constants, inputs), and the peak of what is alive at once when nodes run in recorded order. It leaves out
 * the kernels' scratch memory and the rest of the program.
 */
import { ALIASES } from './aliases';
import { isControl, nodeOf, type Graph, type GraphNode, type Info } from './graph';
import { elementwise } from './shapes/elementwise';
import { sizeOf } from '../size-of';

/** Ops whose result is held from the first node to the last. */
const HELD = new Set(['Const', 'Placeholder']);
/** Ops of TensorFlow that write over an input of the same size if no other node needs it. */
const IN_PLACE = new Set(Object.keys(elementwise));
/** Ops of ours that write their first result over their first input. */
const FIRST_IN_PLACE = new Set(
  ['Gelu', 'BatchNorm', 'LayerNorm', 'Depthwise', 'StarRelu', 'ScaleChannels'].map((name) => `Studio${name}Grad`),
);
/** Ops of ours that write over their last input, which they add. */
const ADDED_IN_PLACE = new Set(['StudioLinear', 'StudioConv', 'StudioWinograd']);
/** A variable's own buffer. */
const VARIABLES = new Set(['VarHandleOp', 'ReadVariableOp']);

const WIDTH: Record<Info['dtype'], number> = {
  float32: 4,
  int32: 4,
  uint8: 1,
  bool: 1,
  int64: 8,
  bfloat16: 2,
  string: 16,
  resource: 0,
};

const bytesOf = ({ shape, dtype }: Info): number => sizeOf(shape) * WIDTH[dtype];
const outputBytes = ({ outputs }: GraphNode): number => outputs.reduce((sum, info) => sum + bytesOf(info), 0);
const dataInputs = ({ inputs }: GraphNode): string[] => inputs.filter((input) => !isControl(input)).map(nodeOf);

/** Returns the inputs in whose memory a node's first result may be written. */
function replaceable(node: GraphNode): string[] {
  const inputs = dataInputs(node);
  if (IN_PLACE.has(node.op)) return inputs;
  if (FIRST_IN_PLACE.has(node.op)) return inputs.slice(0, 1);
  return ADDED_IN_PLACE.has(node.op) && node.attrs['add']?.value === true ? inputs.slice(-1) : [];
}

export interface PeakMemory {
  /** The sum of all parts. */
  bytes: number;
  variables: number;
  /** Bytes of constants and inputs. */
  held: number;
  /** The most bytes that are alive at once beside them. */
  activations: number;
}

/** Returns the nodes that the signature's results need, in recorded order. */
function needed({ nodes, signatures }: Graph, signature: string): GraphNode[] {
  const wanted = signatures[signature];
  if (!wanted) throw new Error(`no signature ${signature}`);
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const reached = new Set<string>();
  const pending = Object.values(wanted.outputs).map(({ ref }) => nodeOf(ref));
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (reached.has(name)) continue;
    reached.add(name);
    pending.push(...(byName.get(name)?.inputs ?? []).map(nodeOf));
  }
  return nodes.filter(({ name }) => reached.has(name));
}

/**
 * Maps each node to the node that made the buffer of its result; null where the buffer is a variable's (also of an op
 * that writes over it) or is held.
 */
function ownersOf(nodes: readonly GraphNode[]): Map<string, string | null> {
  const owners = new Map<string, string | null>();
  for (const node of nodes) {
    if (HELD.has(node.op) || VARIABLES.has(node.op) || node.attrs['in_place']?.value === true)
      owners.set(node.name, null);
    else if (ALIASES.has(node.op)) owners.set(node.name, owners.get(dataInputs(node)[0] ?? '') ?? null);
    else owners.set(node.name, node.name);
  }
  return owners;
}

/** Returns the index of the last node that reads each buffer. */
function lastReads(nodes: readonly GraphNode[], owners: ReadonlyMap<string, string | null>): Map<string, number> {
  const last = new Map<string, number>();
  nodes.forEach((node, at) => {
    const own = owners.get(node.name);
    if (own) last.set(own, Math.max(last.get(own) ?? at, at));
    for (const input of dataInputs(node)) {
      const owner = owners.get(input);
      if (owner) last.set(owner, at);
    }
  });
  return last;
}

function peakOf(nodes: readonly GraphNode[]): number {
  const owners = ownersOf(nodes);
  const last = lastReads(nodes, owners);
  const byName = new Map(nodes.map((node) => [node.name, node]));
  let [live, peak] = [0, 0];
  nodes.forEach((node, at) => {
    const dying = [...new Set(dataInputs(node).map((input) => owners.get(input)))].filter(
      (owner): owner is string => typeof owner === 'string' && owner !== node.name && last.get(owner) === at,
    );
    const freed = dying.map((owner) => outputBytes(byName.get(owner) as GraphNode));
    if (owners.get(node.name) === node.name) {
      const made = outputBytes(node);
      const first = node.outputs[0] ? bytesOf(node.outputs[0]) : 0;
      const given = replaceable(node).map((input) => owners.get(input));
      const reused = dying.some((owner, at) => given.includes(owner) && freed[at] === first) ? first : 0;
      peak = Math.max(peak, live + made - reused);
      live += made;
    }
    live -= freed.reduce((sum, bytes) => sum + bytes, 0);
    // A result that no node reads is freed at once.
    if (owners.get(node.name) === node.name && last.get(node.name) === at) live -= outputBytes(node);
  });
  return peak;
}

/** Estimates the peak memory of a signature in bytes. @param graph traced, before or after its passes */
export function peakMemory(graph: Graph, signature: string): PeakMemory {
  const nodes = needed(graph, signature);
  const variables = Object.values(graph.variables).reduce((sum, info) => sum + bytesOf(info), 0);
  const held = nodes.filter(({ op }) => HELD.has(op)).reduce((sum, node) => sum + outputBytes(node), 0);
  const activations = peakOf(nodes);
  return { bytes: variables + held + activations, variables, held, activations };
}
