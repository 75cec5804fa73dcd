import { describe, it } from 'vitest';
import { locateEngine } from '../../src/main/engine/backend/locate';
import { killAndCompare } from './kills';

describe.skipIf(locateEngine().kind === 'tfjs-cpu')('a run killed at any moment and resumed', () => {
  it('is bit-equal to an uninterrupted one, after five kills', () => killAndCompare(5, 1, 4), 240_000);
});
