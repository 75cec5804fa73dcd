/** A run with replay, killed at any moment. */
import { describe, it } from 'vitest';
import { engineMissing } from '../support/engine';
import { killAndCompare } from './kills';
import { REPLAYING } from './replaying';

describe.skipIf(engineMissing)('a run that replays, killed and resumed', () => {
  it('is bit-equal to an uninterrupted one, after ten kills', () =>
    killAndCompare(10, 5, 40, { set: [...REPLAYING, 'checkpoint.every_seconds=0.2'] }));
});
