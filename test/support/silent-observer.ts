import type { TrainObserver } from '../../src/main/engine/train/observer';

/** An observer that ignores what a training loop reports, and asks nothing of it. */
export const SILENT: TrainObserver = {
  step: () => undefined,
  stage: () => undefined,
  planned: () => undefined,
  decided: () => undefined,
  activity: () => undefined,
  evaluated: () => undefined,
  settled: () => Promise.resolve(),
  checkpointed: () => undefined,
  event: () => undefined,
  requested: () => null,
};
