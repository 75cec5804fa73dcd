import { describe, it } from 'vitest';
import { locateEngine } from '../../src/main/engine/backend/locate';
import { killAndCompare, SET } from './kills';

describe.skipIf(locateEngine().kind === 'tfjs-cpu')('a run killed at any moment and resumed', () => {
  for (let seed = 10; seed < 20; seed++)
    it(`is bit-equal to an uninterrupted one, five kills, seed ${seed}`, () => killAndCompare(5, seed, 8));

  it.each(['sgd', 'lamb', 'lars'])('is bit-equal to an uninterrupted one, with %s and layer decay', (name) =>
    killAndCompare(3, 30, 4, {
      set: [...SET, `optimizer.name=${name}`, 'optimizer.layer_decay=0.75', 'optimizer.clip_grad_norm=1'],
    }),
  );
});
