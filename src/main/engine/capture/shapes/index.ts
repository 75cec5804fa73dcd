/**
 * Shape functions of every op that a trace may record, so that tracing executes nothing. test/engine/capture checks
 * each one against TensorFlow itself. An op that is not here can't be traced: add it with its test.
 */
import type { Info } from '../graph';
import { convolutions } from './convolution';
import { elementwise } from './elementwise';
import { kernels } from './kernels';
import { layout } from './layout';
import { reductions } from './reduce';
import type { ShapeFunction, ShapeQuery, ShapeTable } from './shape';

function merged(tables: readonly ShapeTable[]): Map<string, ShapeFunction> {
  const all = new Map<string, ShapeFunction>();
  for (const [op, shape] of tables.flatMap((table) => Object.entries(table))) {
    if (all.has(op)) throw new Error(`two shape functions for ${op}`);
    all.set(op, shape);
  }
  return all;
}

const TABLE = merged([elementwise, layout, reductions, convolutions, kernels]);

export const knownOps = (): string[] => [...TABLE.keys()];

/**
 * Returns shape and dtype of every output of an op. @throws if the op is not in the table or the inputs don't fit it
 */
export function inferShapes(query: ShapeQuery): Info[] {
  const shape = TABLE.get(query.op);
  if (!shape) throw new Error(`no shape function for ${query.op}: add one in engine/capture/shapes`);
  return shape(query);
}
