/**
 * Every node of every graph that a GPU would run has a GPU kernel, for every registered family of models and every
 * task.
 */
import { describe, expect, it } from 'vitest';
import type { GraphNode } from '../../../src/main/engine/capture/graph';
import { modelEntries } from '../../../src/main/engine/models';
import { allTasks } from '../../../src/main/engine/tasks';
import type { ModelEntry } from '../../../src/main/engine/types';
import { engineMissing } from '../../support/engine';
import { byFamily, composed, describeGraphs } from '../../support/gpu-graphs';
import { withoutGpuKernel } from '../../support/gpu-kernels';

describe.skipIf(engineMissing)('a GPU has a kernel', () => {
  describeGraphs(byFamily().smallest);

  it('and what has none is found: an op, a type, floats in the processor’s memory', () => {
    const nodes = composed(modelEntries('classify')[0] as ModelEntry, {});
    const planted = (op: string, type: 'float32' | 'bfloat16' | 'string'): GraphNode => ({
      ...{ name: `step/planted_${op}`, op, inputs: [], attrs: { T: { kind: 'type', value: type } } },
      outputs: [{ shape: [1], dtype: type }],
    });
    const more = [
      planted('StudioGelu', 'float32'),
      planted('MatrixExponential', 'float32'),
      planted('Conv2D', 'string'),
    ];
    expect(withoutGpuKernel([...nodes, ...more])).toEqual([
      ...['StudioGelu (T=float32)', 'MatrixExponential (T=float32)', 'Conv2D (T=string)'],
    ]);
    // `toString` is a property of every object, but no op.
    expect(withoutGpuKernel([planted('toString', 'float32')])).toEqual(['toString (T=float32)']);
  });
});

it('no task is forgotten', () => {
  // Another task needs its configurations in the tests above.
  expect(allTasks().map(({ id }) => id)).toEqual(['classify', 'mae', 'probe']);
});
