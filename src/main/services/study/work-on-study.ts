/**
 * Works on a study in this process: trains the runs of a frequency study one after the other, or measures a run's
 * checkpoints. All that it knows is in the database. So a study that was killed at any moment continues when a process
 * works on it again.
 */
import { AppError, errorData } from '../../../shared/errors';
import type { FrequencySpec } from '../../../shared/contract/studies';
import type { Progress } from '../../engine/train/protocol';
import { databasePath } from '../../base/home';
import { openStore, type Store } from '../../store/open';
import { orderQueue } from '../../store/run-marks';
import type { Run } from '../../store/runs';
import {
  askedOfStudy,
  beatStudy,
  claimStudy,
  endStudy,
  findStudy,
  studyById,
  type StoredStudy,
} from '../../store/studies';
import { watchWork, type EarlyEnd } from '../processes/watch-work';
import { trainToEnd } from '../runs/train-to-end';
import { turnOf } from '../runs/turn';
import { isOver, madeRuns } from './study-runs';

export interface WorkOptions {
  home: string;
  id: string;
  /** Aborted: what it does is saved, and the study is stopped. */
  signal: AbortSignal;
  /** Aborted: the same, but nobody has asked for it, so the study is interrupted. */
  gone?: AbortSignal;
  /** Aborted: the trainer is killed. */
  force: AbortSignal;
  onRun?: (run: Run) => void;
  onProgress?: (run: Run, progress: Progress) => void;
}

const outcomeOf = (early: EarlyEnd | null): StoredStudy['outcome'] => (early?.state === 'stopped' ? 'stopped' : null);

/** Works on a study. @returns the study at its end @throws AppError bad_state, not_found */
export async function workOnStudy(options: WorkOptions): Promise<StoredStudy> {
  const { home, id } = options;
  const store = openStore(databasePath(home));
  try {
    const { spec } = findStudy(store, id);
    const owner = claimStudy(store, id, process.pid);
    const watch = watchWork({
      signal: options.signal,
      gone: options.gone,
      asked: () => askedOfStudy(store, id, owner),
      beat: () => beatStudy(store, id, owner),
    });
    const end: Parameters<typeof endStudy>[3] = { outcome: null };
    try {
      const whole =
        spec.kind === 'frequency'
          ? await trainRuns(store, options, watch.signal)
          : await (await import('./checkpoints')).measureCheckpoints({ home, store, id, spec, signal: watch.signal });
      end.outcome = whole ? 'completed' : outcomeOf(watch.early());
    } catch (error) {
      const early = watch.early();
      end.outcome = early ? outcomeOf(early) : 'failed';
      if (!early) end.error = errorData(error);
    } finally {
      watch.close();
    }
    endStudy(store, id, owner, end);
    return studyById(store, id) as StoredStudy;
  } finally {
    store.close();
  }
}

/**
 * Trains the runs that are not trained yet. The study is read again before each run, because radii and seeds may have
 * been added.
 * @returns whether all of them are trained @throws AppError where a run failed for another reason than divergence
 */
async function trainRuns(store: Store, options: WorkOptions, signal: AbortSignal): Promise<boolean> {
  const { home, id, force } = options;
  for (;;) {
    const runs = madeRuns(store, studyById(store, id) as StoredStudy<FrequencySpec>).map(({ run }) => run);
    // This process takes the place of their queue.
    orderQueue(
      store,
      [],
      runs.flatMap((run) => (run.queue_position === null ? [] : [run.id])),
    );
    const next = runs.find((run) => !isOver(run));
    if (!next) return true;
    const ended = await trainToEnd(
      {
        ...{ home, store, signal, force, onLog: () => undefined },
        onProgress: (run, progress) => options.onProgress?.(run, progress),
        onStart: async (run) => {
          await turnOf(store, run, signal);
          if (!signal.aborted) options.onRun?.(run);
        },
      },
      next.id,
      isOver,
    );
    if (isOver(ended)) continue;
    if (!signal.aborted && ended.error && ended.state === 'failed') throw new AppError(ended.error);
    return false;
  }
}
