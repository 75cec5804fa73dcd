/** Rewrites of a recorded graph; none but autocast changes a result's value. Order counts: BiasAdd looks for AddV2 and MatMul. */
import type { Graph, Pass } from '../graph';
import { addV2 } from './add-v2';
import { autocast } from './autocast';
import { biasAdd } from './bias-add';
import { convWeightGrad } from './conv-weight-grad';
import { linearGrad } from './linear-grad';
import { matMul } from './mat-mul';
import { ownProducts } from './own-products';
import { prune } from './prune';
import { updateInPlace } from './update-in-place';

export const passes: readonly Pass[] = [addV2, matMul, biasAdd, prune];

/**
 * @param signatures whose products are to be computed in bfloat16
 * @param own whether linear layers, convolutions of 1 x 1 and 3 x 3 and gradients of convolutions' weights are our own ops', and AdamW updates in place
 */
export function passesFor(signatures: readonly string[], own = false): readonly Pass[] {
  const prefixes = signatures.map((name) => `${name}/`);
  return [
    ...passes,
    ...(prefixes.length ? [autocast((name) => prefixes.some((prefix) => name.startsWith(prefix)))] : []),
    ...(own ? [convWeightGrad, linearGrad, ownProducts, updateInPlace] : []),
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
