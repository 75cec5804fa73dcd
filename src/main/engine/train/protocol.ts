/**
 * Messages between a trainer process and its host over the IPC channel. The trainer stores everything itself (SQLite
 * through its own writer thread). These messages are only a live view: the latest replaces the others, and losing them
 * loses nothing.
 */
import type { ErrorData } from '../../../shared/errors';
import type { RunState } from '../../../shared/run-state';

export interface Progress {
  type: 'progress';
  state: RunState;
  /** Activity while no step runs: `building the graph`, `evaluating`, `saving a checkpoint`. */
  activity: string;
  step: number;
  steps: number;
  /** Share of the run's compute that has been spent. */
  compute: number;
  /** Index of the stage, from 0. */
  stage: number;
  stages: number;
  bandwidth: number;
  /** RandAugment's magnitude; null where images are augmented without it. */
  magnitude: number | null;
  loss: number | null;
  /** Last value of the series that decides which checkpoint is the best. */
  measured: { metric: string; value: number } | null;
  /** Images per second over the last seconds. */
  throughput: number | null;
  /** Estimates in seconds; null until they are stable. */
  stageSecondsLeft: number | null;
  runSecondsLeft: number | null;
}

export interface Finished {
  type: 'finished';
  state: RunState;
  step: number;
  checkpoint: string | null;
  error: ErrorData | null;
}

export interface LogLine {
  type: 'log';
  text: string;
}

export type TrainerMessage = Progress | Finished | LogLine;

export type TrainerRequest = { type: 'pause' } | { type: 'stop' } | { type: 'interrupt' };
