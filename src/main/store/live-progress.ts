/** Reads the progress of the runs that train now, in whichever process: little enough to read at every change. */
import type { RunPlace } from '../../shared/run-progress';
import { LIVE_STATES } from '../../shared/run-state';
import type { Store } from './open';
import { briefOf } from './run-list';

export interface LiveProgress extends RunPlace {
  id: string;
}

type Row = Pick<LiveProgress, 'id' | 'step' | 'steps'> & { brief: string };

export function liveProgress(store: Store): LiveProgress[] {
  const rows = store
    .prepare(`SELECT id, step, steps, brief FROM runs WHERE state IN (${LIVE_STATES.map(() => '?').join(', ')})`)
    .all(...LIVE_STATES) as Row[];
  return rows.map(({ brief, ...row }) => {
    const { stages, stage_ends } = briefOf(brief);
    return { ...row, stages, stage_ends };
  });
}
