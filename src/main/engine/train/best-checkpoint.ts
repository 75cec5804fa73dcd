/** Finds the best of the checkpoints that exist. */
import { AppError } from '../../../shared/errors';
import { isBetter, metricOf } from '../../../shared/metrics';
import type { Best } from '../../../shared/contract/common';
import { listCheckpoints, openCheckpoint, type Checkpoint, type CheckpointInfo } from './checkpoint';

export interface BestCheckpoint {
  checkpoint: Checkpoint;
  /** Why another than the recorded best is used; null where the recorded one is. */
  instead: AppError | null;
}

/** Returns the value that a checkpoint was saved for; null where it was saved for another reason. */
const ownBest = ({ info }: Checkpoint): Best | null => {
  const best = knownBest(info);
  return best?.step === info.step ? best : null;
};

/**
 * Returns the best that a checkpoint knows. Earlier versions counted an evaluation without a figure, whose value reads
 * back as null.
 */
const knownBest = ({ best }: CheckpointInfo): Best | null => (best && Number.isFinite(best.value) ? best : null);

/**
 * Finds the best checkpoint as the newest valid one records it. If the newest is damaged, that record is lost with it,
 * and the one before may name a step that has been pruned since. Then the best of those that are left is used, and
 * `instead` says so.
 */
export async function bestCheckpoint(runFolder: string, newest: Checkpoint): Promise<BestCheckpoint> {
  const best = knownBest(newest.info);
  if (best === null || best.step === newest.info.step) return { checkpoint: newest, instead: null };
  const whole: Checkpoint[] = [];
  let reason = 'It is no longer there: a newer best one, which is damaged, had taken its place.';
  for (const { folder, step } of listCheckpoints(runFolder)) {
    try {
      const checkpoint = await openCheckpoint(folder);
      if (step === best.step) return { checkpoint, instead: null };
      whole.push(checkpoint);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (step === best.step) reason = error.why;
    }
  }
  const better = metricOf(best.metric).better ?? 'higher';
  const value = (checkpoint: Checkpoint): number =>
    ownBest(checkpoint)?.value ?? (better === 'higher' ? -Infinity : Infinity);
  const checkpoint = whole.reduce(
    (found, next) => (isBetter(value(next), value(found), better) ? next : found),
    newest,
  );
  const instead = new AppError({
    code: 'checkpoint_invalid',
    what: `The best checkpoint, of step ${best.step}, can't be used; that of step ${checkpoint.info.step} is taken instead.`,
    why: reason,
    next: 'Resume the run: it continues from its newest complete checkpoint and repeats the steps after it.',
  });
  return { checkpoint, instead };
}

/** Returns the best that a run resumed from `checkpoint` may claim: its checkpoint has to exist. */
export async function remainingBest(runFolder: string, checkpoint: Checkpoint): Promise<Best | null> {
  const best = knownBest(checkpoint.info);
  if (best === null) return null;
  const found = await bestCheckpoint(runFolder, checkpoint);
  return found.instead === null ? best : ownBest(found.checkpoint);
}
