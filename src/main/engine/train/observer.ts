import type { EvaluationDetail } from '../tasks/evaluation';
import type { Weights } from '../tasks/signature-names';
import type { Best } from '../../../shared/contract/common';
import type { BorderDecision } from '../../../shared/contract/borders';
import type { Plan } from '../../../shared/curriculum/plan';
import type { Checkpoint } from './checkpoint';

export interface StepReport {
  /** Number of finished steps. */
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
  /** Images that were decoded from files; the others came from the replay buffer. */
  imagesDecoded: number;
}

/** Receives what the loop reports, and answers its one question. An observer can't change the run's state. */
export interface TrainObserver {
  step(report: StepReport): void;
  stage(report: StageReport): void;
  /** The plan in force has become another. */
  planned(plan: Plan): void;
  decided(decision: BorderDecision, sentence: string): void;
  activity(what: string): void;
  evaluated(step: number, weights: Weights, details: readonly EvaluationDetail[], best: Best | null): void;
  /**
   * Resolves when everything reported so far outlives this process, or can't be made to now. @throws AppError where
   * another process has the run
   */
  settled(): Promise<void>;
  checkpointed(checkpoint: Checkpoint, removed: string[]): void;
  event(step: number, kind: string, message: string): void;
  /** Returns what was asked of the run since: the loop ends at the next step. */
  requested(): 'pause' | 'stop' | 'interrupt' | null;
}
