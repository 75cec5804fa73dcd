/** The micro models agree with PyTorch without our own ops, which GPUs and some processors don't have. */
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
