import type { EvaluationDetail } from '../tasks/evaluation';
import type { Weights } from '../tasks/signature-names';
import type { Best } from '../../../shared/contract/common';
import type { Checkpoint } from './checkpoint';

export interface StepReport {
  /** Finished steps. */
  step: number;
  stage: number;
  equivalentEpochs: number;
  /** Milliseconds of training so far, without pauses. */
  wallMs: number;
  values: Record<string, number>;
}

export interface StageReport {
  stage: number;
  stepsDone: number;
  seconds: number;
  computeSeconds: number;
  loaderSeconds: number;
  images: number;
  /** Those that were made of files; the others came out of the replay buffer. */
  imagesDecoded: number;
}

/** What the loop tells, and the one thing that it asks. An observer can't change the run's state. */
export interface TrainObserver {
  step(report: StepReport): void;
  stage(report: StageReport): void;
  activity(what: string): void;
  evaluated(step: number, weights: Weights, details: readonly EvaluationDetail[], best: Best | null): void;
  /**
   * Resolves when what was told so far outlives this process, or can't be made to now. @throws AppError where another
   * process has the run
   */
  settled(): Promise<void>;
  checkpointed(checkpoint: Checkpoint, removed: string[]): void;
  event(step: number, kind: string, message: string): void;
  /** What was asked of the run since: the loop ends at the next step. */
  requested(): 'pause' | 'stop' | 'interrupt' | null;
}
