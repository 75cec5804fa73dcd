/** Starts queued runs one after the other, and trainers on request. Several hosts may do so on one database: claiming a run is atomic. */
import { isLive } from '../../../shared/run-state';
import { AppError } from '../../../shared/errors';
import type { Store } from '../../store/open';
import { anyLive, queueHead, reconcileRuns, runById, type Run } from '../../store/runs';
import { refuseUnlessResumable } from '../training';
import { startTrainer, type TrainerHandle } from '../trainer-process';
import type { SettingsStore } from './settings';

const LOOK_MS = 2000;
/** A trainer needs this long at most from its start to claiming its run. */
const CLAIM_MS = 15_000;

export class Scheduler {
  private readonly trainers = new Map<string, TrainerHandle>();
  private readonly timer: NodeJS.Timeout;
  private starting: { run: string; since: number } | null = null;
  private closed = false;

  constructor(
    private readonly home: string,
    private readonly store: Store,
    private readonly settings: SettingsStore,
    private readonly onEnd: (run: Run) => void,
  ) {
    this.timer = setInterval(() => this.look(), LOOK_MS);
    this.timer.unref();
  }

  /** Starts or goes on with a run now. @throws AppError bad_state */
  start(id: string): void {
    const run = runById(this.store, id);
    if (!run)
      throw new AppError({
        code: 'not_found',
        what: `There is no run ${id}.`,
        why: 'It may have been removed.',
        next: 'Look at the list of runs.',
      });
    refuseUnlessResumable(run);
    if (this.trainers.has(id)) return;
    const trainer = startTrainer({ home: this.home, runId: id, config: run.config, onMessage: () => undefined });
    this.trainers.set(id, trainer);
    this.starting = { run: id, since: performance.now() };
    if (run.background) trainer.send({ type: 'detach' });
    const after = (): void => {
      this.trainers.delete(id);
      if (this.closed) return;
      reconcileRuns(this.store);
      const ended = runById(this.store, id);
      if (ended) this.onEnd(ended);
      this.look();
    };
    trainer.ended.then(after, after);
  }

  /** Lets a live trainer of this host go on after it. */
  detach(id: string): void {
    this.trainers.get(id)?.send({ type: 'detach' });
  }

  /** Ids of runs that this host trains. */
  training(): string[] {
    return [...this.trainers.keys()];
  }

  /** Starts the queue's first run where nothing trains. A paused run at its head keeps its place: the queue waits for it. */
  look(): void {
    if (this.closed) return;
    reconcileRuns(this.store);
    if (!this.settings.get().queue_runs || this.isStarting() || anyLive(this.store)) return;
    const head = queueHead(this.store);
    if (head?.state === 'queued') this.start(head.id);
  }

  private isStarting(): boolean {
    if (!this.starting) return false;
    const run = runById(this.store, this.starting.run);
    if (run && !isLive(run.state) && run.state === 'queued' && performance.now() - this.starting.since < CLAIM_MS) return true;
    this.starting = null;
    return false;
  }

  /** Resolves when every trainer of this host that was not let go has saved and ended. */
  async drain(): Promise<void> {
    await Promise.all([...this.trainers.values()].map(({ ended }) => ended.catch(() => undefined)));
  }

  close(): void {
    this.closed = true;
    clearInterval(this.timer);
  }
}
