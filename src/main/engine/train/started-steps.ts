/** Holds the steps that were started and whose results have not been read, in order. */
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

/** The results of a step and its inputs. */
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
   * Takes a step's batch and starts the step. @param step its index, from 0 @throws LoaderFailure where no batch comes
   */
  start(step: number): void {
    const { plan, config, setup, executor, loader } = this.parts;
    const { bandwidth } = plan.stages[positionAt(plan, step).stage] as Plan['stages'][number];
    const batch = loader.next();
    const lr = learningRateAt(plan, config, step);
    const pending = startStep(executor, setup.training, batch, { seed: config.seed, step, bandwidth, lr });
    this.steps.push({ batch, lr, pending });
  }

  /** Blocks until the first started step has ended, and releases its batch. @throws the error of the device */
  finish(): FinishedStep {
    const { batch, lr, pending } = this.steps.shift() as StartedStep;
    const result = pending.wait();
    this.parts.loader.release(batch);
    return { batch, lr, result };
  }
}
