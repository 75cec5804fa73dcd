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

const LOOK_MS = 250;
/** Interval of heartbeats: each is a write that every window is notified of. */
const BEAT_MS = 5000;

interface Ending {
  signal: AbortSignal;
  /** Returns why it was asked to end; undefined where it was not. */
  asked: () => StoredStudy['outcome'] | undefined;
  close: () => void;
}

/** Returns what ends the work: its host, a request in the database, or another process that has taken the study. */
function endingOf(store: Store, owner: ReturnType<typeof claimStudy>, { id, signal, gone }: WorkOptions): Ending {
  const ending = new AbortController();
  let asked: StoredStudy['outcome'] | undefined;
  let beatAt = performance.now();
  const end = (outcome: 'stopped' | null): void => {
    if (asked === undefined) asked = outcome;
    ending.abort();
  };
  const [stop, vanish] = [() => end('stopped'), () => end(null)];
  signal.addEventListener('abort', stop, { once: true });
  gone?.addEventListener('abort', vanish, { once: true });
  if (signal.aborted) stop();
  if (gone?.aborted) vanish();
  const timer = setInterval(() => {
    if (askedOfStudy(store, id) === 'stop') stop();
    if (performance.now() - beatAt < BEAT_MS) return;
    beatAt = performance.now();
    if (beatStudy(store, id, owner) === 'taken') vanish();
  }, LOOK_MS);
  const close = (): void => {
    clearInterval(timer);
    signal.removeEventListener('abort', stop);
    gone?.removeEventListener('abort', vanish);
  };
  return { signal: ending.signal, asked: () => asked, close };
}

/** Works on a study. @returns the study at its end @throws AppError bad_state, not_found */
export async function workOnStudy(options: WorkOptions): Promise<StoredStudy> {
  const { home, id } = options;
  const store = openStore(databasePath(home));
  try {
    const { spec } = findStudy(store, id);
    const owner = claimStudy(store, id, process.pid);
    const ending = endingOf(store, owner, options);
    const end: Parameters<typeof endStudy>[3] = { outcome: null };
    try {
      const whole =
        spec.kind === 'frequency'
          ? await trainRuns(store, options, ending.signal)
          : await (await import('./checkpoints')).measureCheckpoints({ home, store, id, spec, signal: ending.signal });
      end.outcome = whole ? 'completed' : (ending.asked() ?? null);
    } catch (error) {
      const asked = ending.asked();
      end.outcome = asked === undefined ? 'failed' : asked;
      if (asked === undefined) end.error = errorData(error);
    } finally {
      ending.close();
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
