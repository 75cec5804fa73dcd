/** How far the runs are that train now, whichever process trains them: small enough to read at every change. */
import { LIVE_STATES } from '../../shared/run-state';
import type { Store } from './open';

export interface LiveProgress {
  id: string;
  step: number;
  steps: number;
}

export const liveProgress = (store: Store): LiveProgress[] =>
  store
    .prepare(`SELECT id, step, steps FROM runs WHERE state IN (${LIVE_STATES.map(() => '?').join(', ')})`)
    .all(...LIVE_STATES) as LiveProgress[];
