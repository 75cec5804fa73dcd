/**
 * The micro models against PyTorch as a GPU computes them, and a processor that our own ops are not built for: without
 * these.
 */
import { afterEach, describe, it, vi } from 'vitest';
import { goldenOf, microCases } from '../../golden/models/all-cases';
import { expectStep } from '../../golden/models/expect-case';
import { engineMissing } from '../../support/engine';

describe.skipIf(engineMissing).each(microCases)('$id without our own ops', { timeout: 300_000 }, (example) => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it('logits at every size; loss, gradients and running statistics of one step', () => {
    vi.stubEnv('EFFICIENTTRAIN_KERNELS', 'off');
    expectStep(example, goldenOf(example.id));
  });
});
