/** Steps that were handed over and have not been read, in their order. */
import { learningRateAt, positionAt, type Plan } from '../../../shared/curriculum/plan';
import type { RunConfig } from '../../../shared/run-config';
import type { StepResult, TrainingProgram } from '../tasks/training-program';
import type { Executor, LoadedBatch, RunTimes, TrainLoader } from '../types';
import { startStep, type PendingStep } from './run-step';

export interface StepParts {
  config: RunConfig;
  plan: Plan;
  setup: { training: TrainingProgram };
  executor: Executor;
  loader: TrainLoader;
}

interface StartedStep {
  batch: LoadedBatch;
  lr: number;
  pending: PendingStep;
}

/** What a step gave, and what it was made of. */
export interface FinishedStep {
  batch: LoadedBatch;
  lr: number;
  result: StepResult & RunTimes;
}

export class StartedSteps {
  private readonly steps: StartedStep[] = [];

  constructor(private readonly parts: StepParts) {}

  get count(): number {
    return this.steps.length;
  }

  /**
   * Takes a step's batch and hands the step over. @param step its index, from 0 @throws LoaderFailure where no batch
   * comes
   */
  start(step: number): void {
    const { plan, config, setup, executor, loader } = this.parts;
    const { bandwidth } = plan.stages[positionAt(plan, step).stage] as Plan['stages'][number];
    const batch = loader.next();
    const lr = learningRateAt(plan, config, step);
    const pending = startStep(executor, setup.training, batch, { seed: config.seed, step, bandwidth, lr });
    this.steps.push({ batch, lr, pending });
  }

  /** Blocks until the first of them is done, and gives its batch back. @throws what went wrong on the device */
  finish(): FinishedStep {
    const { batch, lr, pending } = this.steps.shift() as StartedStep;
    const result = pending.wait();
    this.parts.loader.release(batch);
    return { batch, lr, result };
  }
}
