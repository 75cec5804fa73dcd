/** Training a run to its end for a host that makes many runs, and that may be there again after it was killed. */
import { isLive } from '../../../shared/run-state';
import type { Store } from '../../store/open';
import type { Run } from '../../store/runs';
import { trainAndFollow, type FollowOptions } from './training';
import { released } from './turn';

/** Trainers of hosts that are gone which may take the run before ours. */
const MOST_OTHERS = 10;

/** It is another trainer's, or was and has been left by it: ours has not had it. */
const wasTaken = ({ state }: Run): boolean => isLive(state) || state === 'interrupted';

export interface TrainToEnd extends Omit<FollowOptions, 'run' | 'onProgress'> {
  store: Store;
  onProgress: (run: Run, progress: Parameters<FollowOptions['onProgress']>[0]) => void;
  /** Before each trainer of ours is started, with the run as it is; waited for. */
  onStart?: (run: Run) => void | Promise<void>;
}

/**
 * Waits for whoever has the run, then trains what is left of it. A trainer whose host was killed while it was starting
 * can take the run after this has looked; it ends at once, and then ours is started again.
 * @returns the run: over, as it was where `signal` was aborted before, or ended by somebody else
 * @throws AppError trainer_lost
 */
export async function trainToEnd(
  options: TrainToEnd,
  id: string,
  isOver: (run: Run) => boolean,
  follow = trainAndFollow,
): Promise<Run> {
  const { store, signal, onProgress, onStart, ...rest } = options;
  for (let others = 0; ; others++) {
    const run = await released(store, id, signal);
    if (isOver(run) || signal.aborted) return run;
    await onStart?.(run);
    if (signal.aborted) return run;
    const ended = await follow({ ...rest, run, signal, onProgress: (progress) => onProgress(run, progress) });
    if (!wasTaken(ended) || signal.aborted || others === MOST_OTHERS) return ended;
  }
}
