/**
 * Rewrites of a recorded graph. None but autocast changes a result's value. Their order matters: BiasAdd searches for
 * AddV2 and MatMul.
 */
import type { Graph, Pass } from '../graph';
import { addV2 } from './add-v2';
import { autocast } from './autocast';
import { biasAdd } from './bias-add';
import { convWeightGrad } from './conv-weight-grad';
import { halfActivations } from './half-activations';
import { halfProducts } from './half-products';
import { linearGrad } from './linear-grad';
import { matMul } from './mat-mul';
import { ownProducts } from './own-products';
import { prune } from './prune';
import { updateInPlace } from './update-in-place';

export const passes: readonly Pass[] = [addV2, matMul, biasAdd, prune];

/** Which of our ops a graph may contain. */
export interface OwnProducts {
  /** Linear layers, convolutions of 1 x 1 and 3 x 3, gradients of convolutions' weights, and AdamW updates in place. */
  own?: boolean;
  /** Whether they multiply bfloat16 too. */
  multipliesHalf?: boolean;
}

/** Returns the passes for a graph. @param signatures whose products are computed in bfloat16 */
export function passesFor(
  signatures: readonly string[],
  { own = false, multipliesHalf = false }: OwnProducts = {},
): readonly Pass[] {
  const prefixes = signatures.map((name) => `${name}/`);
  const half = halfProducts((name) => prefixes.some((prefix) => name.startsWith(prefix)));
  const options = { half, multipliesHalf };
  return [
    ...passes,
    ...(own ? [convWeightGrad(options), linearGrad(options), ownProducts(options)] : []),
    ...(prefixes.length ? [autocast(half)] : []),
    ...(own && multipliesHalf && prefixes.length ? [halfActivations] : []),
    // This pass has to see every node that reads a variable.
    ...(own ? [updateInPlace] : []),
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
