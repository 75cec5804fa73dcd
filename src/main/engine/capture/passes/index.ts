/** Rewrites of a recorded graph; none but autocast changes a result's value. Order counts: BiasAdd looks for AddV2 and MatMul. */
import type { Graph, Pass } from '../graph';
import { addV2 } from './add-v2';
import { autocast } from './autocast';
import { biasAdd } from './bias-add';
import { convWeightGrad } from './conv-weight-grad';
import { matMul } from './mat-mul';
import { prune } from './prune';

export const passes: readonly Pass[] = [addV2, matMul, biasAdd, prune];

/**
 * @param signatures whose products are to be computed in bfloat16
 * @param weightGradients whether gradients of convolutions' weights are our own op's
 */
export function passesFor(signatures: readonly string[], weightGradients = false): readonly Pass[] {
  const prefixes = signatures.map((name) => `${name}/`);
  return [
    ...passes,
    ...(prefixes.length ? [autocast((name) => prefixes.some((prefix) => name.startsWith(prefix)))] : []),
    ...(weightGradients ? [convWeightGrad] : []),
  ];
}

export function applyPasses(graph: Graph, list: readonly Pass[] = passes): Graph {
  const ends = Object.values(graph.signatures).flatMap(({ inputs, outputs }) => [
    ...Object.values(inputs),
    ...Object.values(outputs),
  ]);
  const kept = new Set(ends.map(({ ref }) => ref));
  return { ...graph, nodes: list.reduce((nodes, pass) => pass(nodes, kept), graph.nodes) };
}
