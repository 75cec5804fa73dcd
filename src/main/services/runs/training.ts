/** Starts, follows and ends runs from a host. */
import { AppError } from '../../../shared/errors';
import { isLive, isResumable } from '../../../shared/run-state';
import { withoutEngineNoise } from '../../engine/backend/engine-noise';
import type { Progress, TrainerMessage } from '../../engine/train/protocol';
import { databasePath } from '../../base/home';
import { openStore } from '../../store/open';
import { reconcileRuns, runById, type Run } from '../../store/runs';
import { startTrainer, trainerLogTail } from './trainer-process';

export interface FollowOptions {
  home: string;
  run: Run;
  /** Aborting it saves a checkpoint and stops. */
  signal: AbortSignal;
  /** Aborting it ends the trainer now, and the steps since the last checkpoint are lost. */
  force: AbortSignal;
  onProgress: (progress: Progress) => void;
  onLog: (line: string) => void;
}

/** Says whether another trainer has or had the run, and ours has not. */
export const wasTaken = ({ state }: Run): boolean => isLive(state) || state === 'interrupted';

/**
 * Trains a run in a process of its own and waits for its end.
 * @returns the run after it ended, or as another trainer has it
 * @throws AppError trainer_lost, and whatever kept the trainer from taking the run
 */
export async function trainAndFollow({ home, run, signal, force, onProgress, onLog }: FollowOptions): Promise<Run> {
  const last: { message: Extract<TrainerMessage, { type: 'finished' }> | null } = { message: null };
  const trainer = startTrainer({
    ...{ home, runId: run.id, config: run.config },
    onMessage: (message) => {
      if (message.type === 'progress') onProgress(message);
      else if (message.type === 'log') onLog(message.text);
      else last.message = message;
    },
  });
  const stop = (): void => void trainer.send({ type: 'stop' });
  signal.addEventListener('abort', stop, { once: true });
  force.addEventListener('abort', trainer.kill, { once: true });
  if (signal.aborted) stop();
  const { code, signal: killedBy } = await trainer.ended;
  signal.removeEventListener('abort', stop);
  force.removeEventListener('abort', trainer.kill);
  const store = openStore(databasePath(home));
  try {
    reconcileRuns(store);
    const now = runById(store, run.id) as Run;
    // A run that its trainer could not take carries no error of its own; where another took it, that one's end counts.
    const error = last.message?.error;
    const isTaken = error?.code === 'bad_state' && (wasTaken(now) || now.state === 'completed');
    if (error && now.state !== 'failed' && !isTaken) throw new AppError(error);
    if (last.message) return now;
    throw lost(home, now, killedBy ?? `exit code ${code}`);
  } finally {
    store.close();
  }
}

function lost(home: string, run: Run, how: string): AppError {
  const tail = withoutEngineNoise(trainerLogTail(home, run.id));
  return new AppError({
    code: 'trainer_lost',
    what: `The trainer of run ${run.name} ended unexpectedly (${how}).`,
    why: tail || 'It left no message.',
    next: `Run \`efficienttrain resume ${run.id}\` to continue from its last checkpoint.`,
    action: { id: 'resume_run' },
  });
}

/** Refuses a run that can't be resumed. @throws AppError bad_state */
export function refuseUnlessResumable(run: Run): void {
  if (isResumable(run.state) || run.state === 'queued') return;
  const next = run.state === 'completed' ? 'Start a new run.' : 'It is being trained already.';
  throw new AppError({
    code: 'bad_state',
    what: `Run ${run.name} can't be resumed.`,
    why: `It is ${run.state}.`,
    next,
  });
}
