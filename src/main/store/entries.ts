/**
 * Entries that a training run writes, as plain data: they are passed to the writer thread, and to a file where the
 * database can't be written.
 */
import type { Best } from '../../shared/contract/common';
import type { Plan } from '../../shared/curriculum/plan';
import type { ErrorData } from '../../shared/errors';
import type { RunState } from '../../shared/run-state';
import { bestText } from './best';
import { recordCheckpoint } from './checkpoints';
import { addEvaluationDetail } from './evaluation-details';
import { addEventOnce } from './events';
import { MetricWriter, truncateAfter } from './metrics';
import type { Store } from './open';
import { refuseUnlessOwner } from './ownership';
import type { ProcessIdentity } from './process-identity';
import { replacePlan } from './run-plan';
import { recordStage } from './stages';

export type Entry =
  | { kind: 'points'; step: number; values: Record<string, number>; wallMs: number; equivalentEpochs: number }
  | { kind: 'event'; step: number; time: string; name: string; message: string; data?: unknown }
  | {
      kind: 'run';
      state?: RunState;
      step?: number;
      best?: Best | null;
      error?: ErrorData | null;
      wallSeconds?: number;
      ended?: string | null;
      engine?: unknown;
      /** The plan in force from now on. */
      plan?: Plan;
      progress?: unknown;
      release?: boolean;
    }
  | {
      kind: 'stage';
      stage: number;
      stepsDone: number;
      seconds: number;
      computeSeconds: number;
      loaderSeconds: number;
      images: number;
      /**
       * Images decoded from files. Spool files of earlier versions, which replayed none, lack it: then it is all of
       * them.
       */
      imagesDecoded?: number;
    }
  | {
      kind: 'checkpoint';
      step: number;
      folder: string;
      sha256: string;
      bytes: number;
      created: string;
      removed: string[];
    }
  | {
      kind: 'evaluation';
      step: number;
      weights: 'raw' | 'ema';
      /** Kind of detail; the task that made it knows its content. */
      detail: string;
      json: unknown;
      blob: Uint8Array | null;
    }
  | { kind: 'truncate'; step: number };

/** Columns of the run's owner and of requests to it. */
const RELEASED = ['pid', 'pid_started', 'pid_namespace', 'pid_host', 'request'] as const;

export class EntryWriter {
  private metrics: MetricWriter;

  constructor(
    private readonly store: Store,
    private readonly runId: string,
    /** The owner. Nothing is written any more once another process has the run. Null: whichever process has it. */
    private readonly owner: ProcessIdentity | null = null,
  ) {
    this.metrics = new MetricWriter(store, runId);
  }

  /** Writes all entries in order and in one transaction, or none. @throws RunTaken */
  write(entries: readonly Entry[]): void {
    try {
      this.store
        .transaction(() => {
          if (this.owner) refuseUnlessOwner(this.store, this.runId, this.owner);
          for (const entry of entries) this.apply(entry);
          this.metrics.finish();
        })
        .immediate();
    } catch (error) {
      // Its cached state belongs to the transaction that was rolled back.
      this.metrics = new MetricWriter(this.store, this.runId);
      throw error;
    }
  }

  private apply(entry: Entry): void {
    const { store, runId } = this;
    switch (entry.kind) {
      case 'points':
        this.metrics.write(entry.step, entry.values, entry);
        return;
      case 'event':
        addEventOnce(store, runId, {
          time: entry.time,
          step: entry.step,
          kind: entry.name,
          message: entry.message,
          data: entry.data,
        });
        return;
      case 'run':
        this.applyRun(entry);
        return;
      case 'stage':
        recordStage(store, runId, {
          stage: entry.stage,
          steps_done: entry.stepsDone,
          seconds: entry.seconds,
          compute_seconds: entry.computeSeconds,
          loader_seconds: entry.loaderSeconds,
          images: entry.images,
          images_decoded: entry.imagesDecoded ?? entry.images,
        });
        return;
      case 'checkpoint':
        recordCheckpoint(store, runId, entry);
        return;
      case 'evaluation':
        addEvaluationDetail(store, runId, { ...entry, kind: entry.detail });
        return;
      case 'truncate':
        this.metrics.finish();
        truncateAfter(store, runId, entry.step);
        return;
    }
  }

  private applyRun({
    state,
    step,
    best,
    error,
    wallSeconds,
    ended,
    engine,
    plan,
    progress,
    release,
  }: Extract<Entry, { kind: 'run' }>): void {
    if (plan) replacePlan(this.store, this.runId, plan);
    const columns: [string, unknown][] = [];
    if (step !== undefined) columns.push(['step', step]);
    if (best !== undefined) columns.push(['best', bestText(best)]);
    if (error !== undefined) columns.push(['error', error && JSON.stringify(error)]);
    if (wallSeconds !== undefined) columns.push(['wall_seconds', wallSeconds]);
    if (ended !== undefined) columns.push(['ended', ended]);
    if (engine !== undefined) columns.push(['engine', JSON.stringify(engine)]);
    if (progress !== undefined) columns.push(['progress', progress && JSON.stringify(progress)]);
    // Continuing without a host is meant for one life: a resumed run is asked about it again.
    if (release) columns.push(...RELEASED.map((name): [string, unknown] => [name, null]), ['background', 0]);
    if (columns.length) {
      this.store
        .prepare(`UPDATE runs SET ${columns.map(([name]) => `${name} = ?`).join(', ')} WHERE id = ?`)
        .run(...columns.map(([, value]) => value), this.runId);
    }
    if (state === undefined) return;
    // "Running" must not overwrite a request that another process has just made.
    const guard = state === 'running' ? " AND state = 'preparing'" : '';
    this.store.prepare(`UPDATE runs SET state = ? WHERE id = ?${guard}`).run(state, this.runId);
  }
}
