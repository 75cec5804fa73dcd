/** A captured step of each optimizer overwrites state that is as large as the network in place. */
import { describe, expect, it } from 'vitest';
import { applyPasses, passesFor } from '../../../src/main/engine/capture/passes';
import { traceProgram } from '../../../src/main/engine/capture/tracer';
import { OPTIM_CASES, optimProgram } from '../../golden/optim/optim-program';
import { engineMissing, loaded } from '../../support/engine';

describe.skipIf(engineMissing).each(OPTIM_CASES.filter(({ layers }) => layers))('$optimizer.name', (example) => {
  it.each([true, false])('assigns nothing but averages, our own ops %s', (kernels) => {
    if (!loaded.backend) throw new Error('There is no engine to trace for.');
    const graph = traceProgram(optimProgram(example), loaded.tf, loaded.backend, { kernels });
    const { nodes } = applyPasses(graph, passesFor([], { own: kernels }));
    const assigned = nodes
      .filter(({ op, name }) => op === 'AssignVariableOp' && name.startsWith('step/'))
      .map(({ inputs }) => inputs[0]);
    expect(assigned.filter((variable) => !variable?.startsWith('var/ema/'))).toEqual([]);
  });
});
