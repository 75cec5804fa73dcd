/** What a check of the GPU is given, and what it says. */
import type { Gpu } from '../../src/shared/contract/devices';
import type { StepProcess } from './step-process';
import type { Side } from '../bench/support/side';

export interface Verdict {
  /** `skipped`: it could not be checked here, which is not a failure. */
  state: 'good' | 'bad' | 'skipped';
  /** One sentence or two. */
  text: string;
  /** What was measured, for the JSON file. */
  figures?: Record<string, unknown>;
}

/**
 * Where a process computes: the GPU that is checked (the processor where there is none), or the processor in any case.
 */
export type Where = 'gpu' | 'processor';

export interface Context {
  /** Fewer steps of smaller models, to see that the checks work. */
  quick: boolean;
  /** GPUs that TensorFlow may use, the checked one first; empty: everything runs on the processor. */
  gpus: readonly Gpu[];
  /** Folder for what checks write, removed at the end. */
  folder: string;
  /** Starts a process that makes steps; it is ended with the check. */
  start: (where: Where, subject: StepProcess, environment?: Record<string, string>) => Promise<Side>;
  /** The environment of a process there. */
  environment: (where: Where) => Record<string, string>;
  /** This program's command line, with `--json`. @throws Error with what it said where it fails */
  program: (args: readonly string[]) => Promise<unknown>;
  /** Of the checked GPU, in bytes; null: of none. */
  memoryUsed: () => Promise<number | null>;
}

export interface Check {
  id: string;
  run: (context: Context) => Promise<Verdict>;
}

/** What a step is measured with: one network of each kind. */
export const subjects = (quick: boolean): StepProcess[] =>
  quick
    ? [
        { model: 'resnet_micro', size: 32, batch: 8 },
        { model: 'deit_micro', size: 32, batch: 8 },
      ]
    : [
        { model: 'resnet50', size: 224, batch: 64 },
        { model: 'deit_small_patch16_224', size: 224, batch: 64 },
      ];
