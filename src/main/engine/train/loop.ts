/** The training loop: step, evaluate, checkpoint, until the plan's end or a request. */
import { setImmediate as tick } from 'node:timers/promises';
import { evaluationDue, positionAt, type Plan } from '../../../shared/curriculum/plan';
import type { RunConfig } from '../../../shared/run-config';
import type { EvalLoader } from '../data/loader/eval-loader';
import { LoaderFailure } from '../data/loader/pool';
import type { Executor, TrainBatch, TrainLoader } from '../types';
import type { Best } from '../../../shared/contract/common';
import { decisionSentence, type AdaptiveBorders } from './adaptive-borders';
import { writeCheckpoint } from './checkpoint';
import { bestOf } from './best-of';
import { evalSignature } from '../tasks/signature-names';
import type { StageReport, TrainObserver } from './observer';
import { pruneCheckpoints } from './prune-checkpoints';
import { refuseNonFinite } from './refuse-non-finite';
import { StartedSteps, type FinishedStep } from './started-steps';
import type { RunSetup } from './setup';
import { StageClock } from './stage-clock';
import { bestAfter, validate, validationEvents, validationValues, type KnnParts } from './validation';

export interface LoopStart {
  /** Number of finished steps. */
  step: number;
  /** Whether a complete checkpoint of this step exists. */
  saved: boolean;
  /** Whether the evaluation after this step was aborted and has to be made first. */
  evaluationDue: boolean;
  best: Best | null;
  wallSeconds: number;
  /** Time and images that the current stage has used so far; null at its start. */
  spent: StageReport | null;
}

/** The parts of a run that decides its borders during training. */
export interface AdaptiveParts {
  borders: AdaptiveBorders;
  /** Ends the loader, and begins another that makes the plan's batches from `step` on. */
  reload: (plan: Plan, step: number) => Promise<TrainLoader>;
}

export interface LoopParts {
  config: RunConfig;
  /** The plan in force; an adaptive run's plan changes at its borders. */
  plan: Plan;
  /** null where all borders are planned. */
  adaptive: AdaptiveParts | null;
  setup: Pick<RunSetup, 'training' | 'evaluation'>;
  executor: Executor;
  /** Names of the variables in a checkpoint. */
  stateNames: readonly string[];
  loader: TrainLoader;
  evalLoader: EvalLoader;
  /** null where no k-NN accuracy is measured. */
  knn: KnnParts | null;
  /** Number of images in the validation split. */
  evalImages: number;
  runFolder: string;
  intraOpThreads: number;
  /** Instruction set, on which the bits depend beside the threads. */
  instructionSet: string;
  start: LoopStart;
  observer: TrainObserver;
}

export interface LoopEnd {
  outcome: 'completed' | 'paused' | 'stopped' | 'interrupted';
  step: number;
  best: Best | null;
}

/** Number of steps in flight: one runs, and the device begins the other when the first has ended. */
const STEPS_STARTED = 2;

const OUTCOMES = { pause: 'paused', stop: 'stopped', interrupt: 'interrupted' } as const;

/**
 * Trains while the device stays busy. While a step runs, the next one's batch is taken, drawn and handed over; a step's
 * results are read once the next one has been handed over. No step is in flight where the state has to be that of one
 * step: at an evaluation, a checkpoint, and the end.
 */
export class TrainLoop {
  private best: Best | null;
  /** Number of finished steps whose results have been read. */
  private step: number;
  private readonly started: StartedSteps;
  /** Whether no step may start before a checkpoint is saved. */
  private saving = false;
  private savedStep: number;
  /** Whether the steps so far still have to be evaluated. */
  private due: boolean;
  private savedAt = performance.now();
  /** The last stage after whose first step the next stage was prepared. */
  private preparedFrom = -1;
  /** Whether the loader still makes batches of the former plan. */
  private replanned = false;
  private readonly began = performance.now();
  private readonly clock: StageClock;

  constructor(private readonly parts: LoopParts) {
    this.best = parts.start.best;
    this.step = parts.start.step;
    this.savedStep = parts.start.saved ? parts.start.step : -1;
    this.due = parts.start.evaluationDue;
    this.started = new StartedSteps(parts);
    this.clock = new StageClock(parts.observer, parts.start.spent);
  }

  async run(): Promise<LoopEnd> {
    try {
      return await this.train();
    } catch (error) {
      if (error instanceof LoaderFailure) await this.saveBeforeFailing();
      throw error;
    }
  }

  /**
   * Saves a checkpoint before the run fails. The state is that of the last step, and missing images can't have spoilt
   * it.
   */
  private async saveBeforeFailing(): Promise<void> {
    const { observer } = this.parts;
    if (this.savedStep === this.step) return;
    try {
      await this.checkpoint();
    } catch (error) {
      // The run fails with the reason why the images don't come.
      observer.event(this.step, 'checkpoint_failed', `No checkpoint could be saved: ${(error as Error).message}`);
    }
  }

  private async train(): Promise<LoopEnd> {
    const { observer, config } = this.parts;
    // The plan in force may change at each step.
    while (this.due || this.step < this.parts.plan.totals.steps) {
      // Messages and signals arrive here, because everything below blocks this thread.
      await tick();
      const request = observer.requested();
      if (request) {
        this.finishStarted();
        return this.end(OUTCOMES[request]);
      }
      if (this.replanned) await this.reload();
      let improved = false;
      if (this.due) improved = await this.evaluateNow();
      else this.trainStep();
      if (this.due) continue;
      this.saving ||=
        improved || (performance.now() - this.savedAt) / 1000 > config.checkpoint.every_seconds || this.stageEndIsDue();
      if (this.saving && !this.started.count) await this.checkpoint();
    }
    return this.end('completed');
  }

  private async reload(): Promise<void> {
    const { adaptive, plan } = this.parts;
    if (adaptive) this.parts.loader = await adaptive.reload(plan, this.step);
    this.replanned = false;
    this.clock.restart();
  }

  /** Returns the steps after which a stage's end is saved and kept; none where that is not configured. */
  private stageEnds(): number[] {
    const { config, plan } = this.parts;
    return config.checkpoint.stage_ends ? plan.stages.map(({ first_step, steps }) => first_step + steps) : [];
  }

  private stageEndIsDue(): boolean {
    return this.savedStep !== this.step && this.stageEnds().includes(this.step);
  }

  private async end(outcome: LoopEnd['outcome']): Promise<LoopEnd> {
    this.clock.report();
    if (this.savedStep !== this.step) await this.checkpoint();
    return { outcome, step: this.step, best: this.best };
  }

  /** Reads the results of the oldest step, once the next one has been handed over. */
  private trainStep(): void {
    try {
      while (this.started.count < STEPS_STARTED && this.mayStart()) this.started.start(this.step + this.started.count);
    } catch (error) {
      // The steps in flight are valid. If one of them is not finite, the run ends with it, and it comes first.
      this.finishStarted();
      throw error;
    }
    this.finishStep();
  }

  /** Says whether another step may change the state before the results of those in flight are read. */
  private mayStart(): boolean {
    const { plan, config, adaptive } = this.parts;
    const next = this.step + this.started.count;
    if (next >= plan.totals.steps) return false;
    if (!this.started.count) return true;
    return !(this.saving || evaluationDue(plan, config.eval.every, next - 1) || adaptive?.borders.due(next));
  }

  private finishStarted(): void {
    while (this.started.count) this.finishStep();
  }

  private finishStep(): void {
    const { config } = this.parts;
    const finished = this.started.finish();
    const { loss, gradNorm } = finished.result;
    refuseNonFinite({ 'train/loss': loss, grad_norm: gradNorm }, this.step + 1);
    this.step++;
    this.reportProblems(finished.batch);
    this.reportStep(finished);
    this.prepareAhead();
    this.decideBorder(loss);
    this.due = evaluationDue(this.parts.plan, config.eval.every, this.step - 1);
  }

  /** Replaces the plan in force where the loss ends a stage. No step is in flight then. */
  private decideBorder(loss: number): void {
    const { adaptive, observer } = this.parts;
    const decision = adaptive?.borders.after(this.step, loss);
    if (!adaptive || !decision) return;
    this.parts.plan = adaptive.borders.plan;
    this.replanned = true;
    observer.planned(this.parts.plan);
    observer.decided(decision, decisionSentence(decision));
  }

  private reportStep({ batch, lr, result }: FinishedStep): void {
    const { plan, observer, start } = this.parts;
    const { stage, equivalent_epochs, epoch } = positionAt(plan, this.step - 1);
    // A batch that came while the device was busy delayed nothing.
    const loaderWaitMs = Math.min(batch.waitMs, result.idleBefore);
    const stepMs = this.clock.step({
      ...{ stage, images: batch.labels.length, decoded: batch.decoded },
      ...{ computeMs: result.milliseconds, loaderMs: loaderWaitMs },
    });
    const values: Record<string, number> = {
      ...result.values,
      lr,
      grad_norm: result.gradNorm,
      epoch,
      throughput: (1000 * batch.labels.length) / stepMs,
      loader_wait_ms: loaderWaitMs,
      compute_ms: result.milliseconds,
    };
    if (this.step % 10 === 1) values['memory_mb'] = process.memoryUsage.rss() / 2 ** 20;
    observer.step({
      step: this.step,
      stage,
      equivalentEpochs: equivalent_epochs,
      wallMs: start.wallSeconds * 1000 + performance.now() - this.began,
      values,
    });
  }

  /** Prepares the next stage and an evaluation after a stage's first step, because a first run would delay training. */
  private prepareAhead(): void {
    const { plan, config, executor, setup, knn } = this.parts;
    const { stage } = positionAt(plan, this.step - 1);
    if (stage === this.preparedFrom) return;
    const next = plan.stages[stage + 1];
    const evaluations = [evalSignature(config.size, config.eval.batch, 'raw')];
    if (config.ema.decay !== null) evaluations.push(evalSignature(config.size, config.eval.batch, 'ema'));
    if (knn) evaluations.push(knn.signature);
    const { bandwidth } = plan.stages[stage] as Plan['stages'][number];
    for (const signature of [
      ...(this.preparedFrom === -1 ? evaluations : []),
      ...(config.eval.at_stage_size && bandwidth !== config.size
        ? [evalSignature(bandwidth, config.eval.batch, 'raw')]
        : []),
      ...(next ? new Set(setup.training.signaturesOf(next.bandwidth, next.batch)) : []),
    ])
      executor.prepare(signature);
    this.preparedFrom = stage;
  }

  private reportProblems({ step }: TrainBatch): void {
    const { loader, observer } = this.parts;
    for (const { path, reason } of loader.problems())
      observer.event(step, 'unreadable', `${path} could not be read: ${reason}`);
  }

  /**
   * Measures val/* and returns true if it is the best so far. If the run is asked to end meanwhile, it aborts and the
   * evaluation stays due.
   */
  private async evaluateNow(): Promise<boolean> {
    const { config, setup, executor, evalLoader, evalImages, observer, plan, knn } = this.parts;
    observer.activity('evaluating');
    const { bandwidth } = plan.stages[positionAt(plan, this.step - 1).stage] as Plan['stages'][number];
    const { evaluation } = setup;
    const parts = { config, evaluation, executor, evalLoader, knn };
    const made = await validate(parts, bandwidth, () => observer.requested() !== null);
    this.clock.restart();
    if (!made) return false;
    this.due = false;
    const best = bestAfter(this.best, made.raw, evalImages, this.step, bestOf(config));
    const improved = best !== this.best;
    this.best = best;
    if (made.raw.count) observer.evaluated(this.step, 'raw', made.raw.details, best);
    if (made.ema?.count) observer.evaluated(this.step, 'ema', made.ema.details, best);
    const { stage, equivalent_epochs } = positionAt(plan, this.step);
    const at = { step: this.step, stage, equivalentEpochs: equivalent_epochs, wallMs: this.wallSeconds() * 1000 };
    observer.step({ ...at, values: validationValues(made, evaluation.metrics) });
    for (const [kind, message] of validationEvents(made, evalImages)) observer.event(this.step, kind, message);
    return improved;
  }

  /**
   * Saves a checkpoint after its steps are in the database. A run that is killed between the two repeats steps and
   * loses none.
   */
  private async checkpoint(): Promise<void> {
    const { config, executor, stateNames, runFolder, intraOpThreads, instructionSet, plan, observer, adaptive } =
      this.parts;
    observer.activity('saving a checkpoint');
    const { equivalent_epochs } = positionAt(plan, this.step);
    const info = {
      step: this.step,
      equivalent_epochs,
      best: this.best,
      wall_seconds: this.wallSeconds(),
      intra_op_threads: intraOpThreads,
      instruction_set: instructionSet,
      evaluation_due: this.due,
      ...(adaptive && { adaptive: adaptive.borders.state }),
    };
    await observer.settled();
    const written = writeCheckpoint(runFolder, executor.read(stateNames), info);
    observer.checkpointed(written, pruneCheckpoints(runFolder, written, config.checkpoint.keep_last, this.stageEnds()));
    this.savedStep = this.step;
    this.savedAt = performance.now();
    this.saving = false;
    this.clock.restart();
  }

  private wallSeconds(): number {
    return this.parts.start.wallSeconds + (performance.now() - this.began) / 1000;
  }
}
