/** Trains a run to its end, for a host that makes many runs and may be started again after it was killed. */
import type { Store } from '../../store/open';
import type { Run } from '../../store/runs';
import { trainAndFollow, wasTaken, type FollowOptions } from './training';
import { released } from './turn';

/** Number of trainers of dead hosts that may take the run before ours. */
const MOST_OTHERS = 10;

export interface TrainToEnd extends Omit<FollowOptions, 'run' | 'onProgress'> {
  store: Store;
  onProgress: (run: Run, progress: Parameters<FollowOptions['onProgress']>[0]) => void;
  /** Is called, and waited for, before each trainer of ours is started, with the present run. */
  onStart?: (run: Run) => void | Promise<void>;
}

/**
 * Waits until no other trainer has the run, then trains the rest of it. A trainer whose host was killed during the
 * start can take the run after this check; ours ends at once then, and is started again.
 * @returns the run: finished, unchanged where `signal` was aborted before, or ended by another process
 * @throws AppError trainer_lost, and whatever kept the trainer from taking the run
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
