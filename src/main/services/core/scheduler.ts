/**
 * Starts queued runs, one on each GPU or one after the other, and trainers on request. Several hosts may do so on one
 * database, because claiming a run is atomic.
 */
import { AppError, errorData, type ErrorData } from '../../../shared/errors';
import { isLive } from '../../../shared/run-state';
import { withoutEngineNoise } from '../../engine/backend/engine-noise';
import { withBusyTimeout, type Store } from '../../store/open';
import { liveDevices, queuedRuns } from '../../store/run-devices';
import { goesOnAlone, setBackground } from '../../store/run-marks';
import { clearRequest, failUnclaimed, findRun, liveIds, reconcileRuns, runById, type Run } from '../../store/runs';
import { refuseUnlessResumable } from '../runs/training';
import { reconcileSearches } from '../../store/searches';
import { databaseError } from '../../store/store-error';
import { nextToStart } from '../gpu/assign';
import type { GpuMonitor } from '../gpu/gpu-monitor';
import { startTrainer, trainerLogTail, type TrainerHandle } from '../runs/trainer-process';
import type { SettingsStore } from '../../store/settings';
import type { Troubles } from './troubles';

const LOOK_MS = 2000;
/**
 * How long reading waits for another process's transaction. The host is blocked meanwhile, and the next reading comes
 * soon.
 */
const LOOK_WAIT_MS = 100;

export class Scheduler {
  /** Trainers by run, from the start of the process to its end. */
  private readonly trainers = new Map<string, TrainerHandle>();
  /** The runs that have trained, and those that are requested again before their process has ended. */
  private readonly trained = new Set<string>();
  private readonly again = new Set<string>();
  /** Runs whose trainer could not start, until the database has taken their error. */
  private readonly failing = new Map<string, ErrorData>();
  /** Runs that were trained at the last look, by any host. */
  private live: Set<string>;
  private readonly timer: NodeJS.Timeout;
  private closed = false;

  constructor(
    private readonly home: string,
    private readonly store: Store,
    private readonly settings: SettingsStore,
    private readonly gpus: Pick<GpuMonitor, 'usable'>,
    private readonly troubles: Troubles,
    private readonly onEnd: (run: Run) => void,
  ) {
    this.live = new Set(liveIds(store));
    this.timer = setInterval(() => this.look(), LOOK_MS);
    this.timer.unref();
  }

  /** Starts or resumes a run now. @throws AppError not_found, bad_state */
  start(id: string): void {
    const run = findRun(this.store, id);
    refuseUnlessResumable(run);
    if (this.trainers.has(id)) {
      // It was paused or stopped already, and its process is about to end: the next one follows it.
      if (this.trained.has(id)) this.again.add(id);
      return;
    }
    // Starting it answers every earlier request.
    clearRequest(this.store, id);
    const trainer = startTrainer({
      home: this.home,
      runId: id,
      config: run.config,
      onMessage: ({ type }) => type === 'progress' && this.trained.add(id),
    });
    this.trainers.set(id, trainer);
    this.live.add(id);
    void trainer.ended.then(
      ({ code, signal }) => this.ended(id, signal ?? `exit code ${code}`),
      (error: Error) => this.ended(id, error.message),
    );
  }

  /** Says whether a run could train now on a device that no other run has. */
  hasRoomFor(id: string): boolean {
    const [gpus, waiting] = [this.gpus.usable() ?? [], queuedRuns(this.store).filter((run) => run.id === id)];
    return !this.isStarting() && nextToStart(waiting, gpus, liveDevices(this.store)) !== null;
  }

  /** Sends a request to a trainer of this host. @returns whether it has one for this run */
  ask(id: string, request: 'pause' | 'stop'): boolean {
    return this.trainers.get(id)?.send({ type: request }) ?? false;
  }

  /** Returns the runs that this host trains, and that end with it. */
  endingWithHost(): string[] {
    return [...this.trainers.keys()].filter((id) => !goesOnAlone(this.store, id));
  }

  /**
   * Notices what has ended, and starts the first run of the queue whose device is free. A paused one keeps its place:
   * its device waits for it. A failure, on a full disk for example, is a trouble of the host, and the next look tries
   * again.
   */
  look(): void {
    if (this.closed) return;
    withBusyTimeout(this.store, LOOK_WAIT_MS, () => {
      this.troubles.guard('runs', () => {
        reconcileRuns(this.store);
        reconcileSearches(this.store);
      });
      this.troubles.guard('queue', () => {
        this.tellEnds();
        this.recordFailures();
        this.startNext();
      });
    });
  }

  private startNext(): void {
    // Until a started run has its device, the next run would get the same one.
    if (!this.settings.get().queue_runs || this.isStarting()) return;
    const gpus = this.gpus.usable();
    const next = gpus && nextToStart(queuedRuns(this.store), gpus, liveDevices(this.store));
    if (next !== null) this.tryStart(next);
  }

  private tryStart(id: string): void {
    try {
      this.start(id);
    } catch (error) {
      // An example is a full disk. The run leaves the queue with its reason; the next one may succeed.
      this.fail(id, errorData(databaseError(error, this.store.name)));
    }
  }

  private fail(id: string, error: ErrorData): void {
    this.failing.set(id, error);
    this.recordFailures();
  }

  private recordFailures(): void {
    for (const [id, error] of this.failing) {
      failUnclaimed(this.store, id, error);
      this.failing.delete(id);
    }
  }

  /**
   * Releases every trainer of this host. @param keep whether they train on in the background
   * @returns resolves when those that don't have saved and ended
   */
  async release(keep: boolean): Promise<void> {
    this.close();
    const ending = this.endingWithHost();
    if (keep) this.troubles.guard('background', () => ending.forEach((id) => setBackground(this.store, id, true)));
    const trainers = [...this.trainers.entries()];
    for (const [, trainer] of trainers) trainer.release();
    if (keep) return;
    await Promise.all(
      trainers.filter(([id]) => ending.includes(id)).map(([, { ended }]) => ended.catch(() => undefined)),
    );
  }

  close(): void {
    this.closed = true;
    clearInterval(this.timer);
  }

  private isStarting(): boolean {
    return [...this.trainers.keys()].some((id) => runById(this.store, id)?.state === 'queued');
  }

  private ended(id: string, how: string): void {
    this.trainers.delete(id);
    this.trained.delete(id);
    const again = this.again.delete(id);
    if (this.closed) return;
    this.troubles.guard('queue', () => {
      if (again) this.tryStart(id);
      // It never claimed its run: started again it would only fail again.
      this.fail(id, this.neverStarted(id, how));
    });
    this.look();
  }

  private neverStarted(id: string, how: string): ErrorData {
    const tail = withoutEngineNoise(trainerLogTail(this.home, id));
    return new AppError({
      code: 'trainer_lost',
      what: `The trainer ended before it could start (${how}).`,
      why: tail || 'It left no message.',
      next: 'Check the engine in Settings, then start the run again.',
    }).data;
  }

  private tellEnds(): void {
    const now = new Set([...liveIds(this.store)]);
    const ended = [...this.live].filter((id) => !now.has(id) && !this.trainers.has(id));
    this.live = new Set([...now, ...[...this.trainers.keys()]]);
    for (const id of ended) {
      const run = runById(this.store, id);
      if (run && !isLive(run.state) && run.state !== 'queued') this.onEnd(run);
    }
  }
}
