import { describe, it } from 'vitest';
import { locateEngine } from '../../src/main/engine/backend/locate';
import { killAndCompare } from './kills';

describe.skipIf(locateEngine().kind === 'tfjs-cpu')('a run killed at any moment and resumed', () => {
  for (let seed = 10; seed < 20; seed++)
    it(`is bit-equal to one left alone, five kills, seed ${seed}`, () => killAndCompare(5, seed, 8));
});
