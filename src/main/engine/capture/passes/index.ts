/** Rewrites of a recorded graph; none changes a result's value. Order counts: BiasAdd looks for AddV2 and MatMul. */
import type { Graph, Pass } from '../graph';
import { addV2 } from './add-v2';
import { biasAdd } from './bias-add';
import { matMul } from './mat-mul';
import { prune } from './prune';

export const passes: readonly Pass[] = [addV2, matMul, biasAdd, prune];

export function applyPasses(graph: Graph, list: readonly Pass[] = passes): Graph {
  const ends = Object.values(graph.signatures).flatMap(({ inputs, outputs }) => [
    ...Object.values(inputs),
    ...Object.values(outputs),
  ]);
  const kept = new Set(ends.map(({ ref }) => ref));
  return { ...graph, nodes: list.reduce((nodes, pass) => pass(nodes, kept), graph.nodes) };
}
