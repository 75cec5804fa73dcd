/** A device that computes by itself, as a GPU does, has its next step ready when it has finished one. */
import { describe, expect, it } from 'vitest';
import { engineMissing } from '../../support/engine';
import { busyLoop } from '../../support/waiting/busy-loop';
import { loadWaitingOp } from '../../support/waiting/waiting-op';

/** `npm run bench -- step --idle` measures less than 0.03. */
const MOST_IDLE = 0.15;
/** Number of rounds, of which the best counts. Other work of the machine can only make a round worse. */
const ROUNDS = 8;

describe.skipIf(engineMissing ?? loadWaitingOp())('a device that is busy for 10 ms with 256 images of 224 px', () => {
  it('is idle for a small part of the time only, between steps and between the batches of an evaluation', async () => {
    const best = { training: 1, evaluation: 1 };
    for (let round = 0; round < ROUNDS && Math.max(best.training, best.evaluation) >= MOST_IDLE; round++) {
      const idle = await busyLoop({
        model: 'deit_small_patch16_224',
        size: 224,
        batch: 256,
        steps: 60,
        milliseconds: 10,
      });
      best.training = Math.min(best.training, idle.training.whole);
      best.evaluation = Math.min(best.evaluation, idle.evaluation.whole);
    }
    expect(best.training).toBeLessThan(MOST_IDLE);
    expect(best.evaluation).toBeLessThan(MOST_IDLE);
  }, 60_000);
});
