/** Runs one optimizer step on the device: a batch at once, or in parts whose gradients add up. */
import type { StepAt, StepResult, TrainingProgram } from '../tasks/training-program';
import type { Executor, RunTimes, TrainBatch } from '../types';

export interface PendingStep {
  /** Blocks until the step has ended; call it once. @throws the error of the device */
  wait(): StepResult & RunTimes;
}

/** Starts a step. The batch's images may be read until `wait` has returned. */
export function startStep(executor: Executor, training: TrainingProgram, batch: TrainBatch, at: StepAt): PendingStep {
  const { calls, result } = training.prepare(batch, at);
  const pending = calls.map(({ signature, inputs }) => executor.start(signature, inputs));
  return {
    wait: () => {
      const runs = pending.map((run) => run.wait());
      return {
        ...result(runs.map(({ outputs }) => outputs)),
        milliseconds: runs.reduce((sum, { milliseconds }) => sum + milliseconds, 0),
        idleBefore: runs[0]?.idleBefore ?? 0,
      };
    },
  };
}

/** Makes a step and waits for its results. @throws the error of the device */
export const runStep = (executor: Executor, training: TrainingProgram, batch: TrainBatch, at: StepAt): StepResult =>
  startStep(executor, training, batch, at).wait();
