import { nodeOf, type Pass } from '../graph';

/** Removes nodes that no signature needs: gradients of inputs, unused outputs of the trace. */
export const prune: Pass = (nodes, kept) => {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const needed = new Set<string>();
  const pending = [...kept].map(nodeOf);
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (needed.has(name)) continue;
    needed.add(name);
    const node = byName.get(name);
    if (!node) throw new Error(`the graph has no node ${name}`);
    pending.push(...node.inputs.map(nodeOf));
  }
  return nodes.filter(({ name }) => needed.has(name));
};
