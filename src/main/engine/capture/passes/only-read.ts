import { nodeOf, type GraphNode } from '../graph';

/** Returns the node that `ref` names if nothing else reads it, neither another node nor an output. */
export function onlyRead(
  nodes: readonly GraphNode[],
  kept: ReadonlySet<string>,
): (ref: string | undefined) => GraphNode | undefined {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const readers = new Map<string, number>();
  for (const ref of [...nodes.flatMap(({ inputs }) => inputs), ...kept])
    readers.set(nodeOf(ref), (readers.get(nodeOf(ref)) ?? 0) + 1);
  return (ref) => {
    const node = ref === undefined ? undefined : byName.get(nodeOf(ref));
    return node && readers.get(node.name) === 1 ? node : undefined;
  };
}
