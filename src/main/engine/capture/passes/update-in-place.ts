import { mayAlias } from '../aliases';
import { isControl, nodeOf, type GraphNode, type Pass } from '../graph';

const withControls = (inputs: readonly string[], after: readonly string[]): string[] => [
  ...inputs,
  ...new Set(after.map((name) => `^${name}`)),
];

/**
 * Lets StudioAdamW write over the variables that it reads, instead of into new memory that is then assigned. A read
 * gives out the variable's own memory, so the update waits for every other reader in its signature; where a result is
 * that memory, the update stays as it is.
 */
export const updateInPlace: Pass = (nodes, kept) => {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const readers = new Map<string, GraphNode[]>();
  for (const node of nodes)
    for (const name of new Set(node.inputs.filter((input) => !isControl(input)).map(nodeOf)))
      readers.set(name, [...(readers.get(name) ?? []), node]);
  const fetched = new Set([...kept].map(nodeOf));
  /**
   * Returns the nodes under `prefix`, or of all signatures, that read the memory of a node's result; null where an
   * output reads it too.
   */
  function readersOf(name: string, prefix: string): GraphNode[] | null {
    const own = (readers.get(name) ?? []).filter(
      (node) => node.name.startsWith(prefix) || node.name.startsWith('var/'),
    );
    const found: GraphNode[] = [];
    for (const node of own) {
      const further = mayAlias(node) ? (fetched.has(node.name) ? null : readersOf(node.name, prefix)) : [];
      if (!further) return null;
      found.push(node, ...further);
    }
    return found;
  }
  /**
   * Returns the assignments of everything that a node updates, each to the variable that was read; null where that is
   * not so.
   */
  function assignmentsOf({ name, inputs, outputs }: GraphNode): GraphNode[] | null {
    const assignments = (readers.get(name) ?? []).filter(({ op }) => op === 'AssignVariableOp');
    if (assignments.length !== outputs.length || readers.get(name)?.length !== outputs.length || fetched.has(name))
      return null;
    const inOrder = outputs.map((_, index) => {
      const read = byName.get(nodeOf(inputs[index] as string));
      const ref = index ? `${name}:${index}` : name;
      return read?.op === 'ReadVariableOp'
        ? assignments.find((node) => node.inputs[0] === read.inputs[0] && node.inputs[1] === ref)
        : undefined;
    });
    return inOrder.includes(undefined) ? null : (inOrder as GraphNode[]);
  }

  const made = new Map<string, GraphNode>();
  /** Maps an assignment that is left out to the node that does its work. */
  const doneBy = new Map<string, string>();
  for (const node of nodes) {
    if (node.op !== 'StudioAdamW') continue;
    const assignments = assignmentsOf(node);
    const prefix = node.name.slice(0, node.name.lastIndexOf('/') + 1);
    const others = node.outputs.map((_, index) => readersOf(nodeOf(node.inputs[index] as string), prefix));
    if (!assignments || others.includes(null)) continue;
    const before = others.flatMap((list) => (list ?? []).map(({ name }) => name)).filter((name) => name !== node.name);
    for (const { name } of assignments) doneBy.set(name, node.name);
    made.set(node.name, {
      ...node,
      inputs: withControls(node.inputs, before),
      attrs: { ...node.attrs, in_place: { kind: 'bool', value: true } },
    });
  }
  const later = ({ inputs }: GraphNode): string[] =>
    inputs.filter(isControl).map((input) => doneBy.get(nodeOf(input)) ?? nodeOf(input));
  return nodes
    .filter(({ name }) => !doneBy.has(name))
    .map((node) => made.get(node.name) ?? node)
    .map((node) => ({
      ...node,
      inputs: withControls(
        node.inputs.filter((input) => !isControl(input)),
        later(node),
      ),
    }));
};
