/** Types of the checks of a GPU: their inputs and their verdicts. */
import type { Gpu } from '../../src/shared/contract/devices';
import type { StepProcess } from './step-process';
import type { Side } from '../bench/support/side';

export interface Verdict {
  /** `skipped`: it could not be checked on this machine, which is not a failure. */
  state: 'good' | 'bad' | 'skipped';
  /** One or two sentences. */
  text: string;
  /** Measured figures, for the JSON file. */
  figures?: Record<string, unknown>;
}

/** The device of a process: the checked GPU (the processor where there is none), or the processor in any case. */
export type Where = 'gpu' | 'processor';

export interface Context {
  /** Takes fewer steps of smaller models, to test the checks themselves. */
  quick: boolean;
  /** GPUs that TensorFlow may use, the checked one first; empty: everything runs on the processor. */
  gpus: readonly Gpu[];
  /** Folder for what checks write, removed at the end. */
  folder: string;
  /** Starts a process that makes steps; the process is ended with the check. */
  start: (where: Where, subject: StepProcess, environment?: Record<string, string>) => Promise<Side>;
  /** Returns the environment of a process on that device. */
  environment: (where: Where) => Record<string, string>;
  /** Runs this program's command line with `--json`. @throws Error with its message where it fails */
  program: (args: readonly string[]) => Promise<unknown>;
  /** Returns the used memory of the checked GPU in bytes; null: there is no GPU. */
  memoryUsed: () => Promise<number | null>;
}

export interface Check {
  id: string;
  run: (context: Context) => Promise<Verdict>;
}

/** Returns the networks with which a step is measured, one of each kind. */
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
