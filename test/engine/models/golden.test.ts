/** The micro models agree with PyTorch and timm; test/golden/models/reference.py computed the numbers. */
import { describe, it } from 'vitest';
import { goldenOf, microCases } from '../../golden/models/all-cases';
import { createModel } from '../../golden/models/cases';
import { expectRun, expectStep } from '../../golden/models/expect-case';
import { expectClose } from '../../golden/models/expect-close';
import { engineMissing } from '../../support/engine';

describe.skipIf(engineMissing).each(microCases)('$id against PyTorch', { timeout: 300_000 }, (example) => {
  const expected = goldenOf(example.id);

  it('drop-path rates', () => expectClose(createModel(example).dropPaths, expected.rates, 1e-7, 'rates'));

  it.each(['captured', 'without our ops', 'eager'] as const)(
    'logits at every size; loss, gradients and running statistics of one step, %s',
    (way) => expectStep(example, expected, { way }),
  );

  for (const run of example.runs) {
    it(`20 steps of ${run.optimizer.name} through two stages: losses, norms, weights, EMA`, () =>
      expectRun(example, run, expected.runs[run.id]!));
  }
});
