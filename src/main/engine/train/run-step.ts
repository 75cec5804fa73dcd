/** One optimizer step on the device: a batch at once, or in parts whose gradients add up. */
import type { StepAt, StepResult, TrainingProgram } from '../tasks/training-program';
import type { Executor, TrainBatch } from '../types';

export function runStep(executor: Executor, training: TrainingProgram, batch: TrainBatch, at: StepAt): StepResult {
  const { calls, result } = training.prepare(batch, at);
  return result(calls.map(({ signature, inputs }) => executor.run(signature, inputs)));
}
