import type { Plan } from '../../shared/curriculum/plan';
import type { RunConfig } from '../../shared/run-config';
import { scratchState } from '../engine/tasks/classify';
import { trainingSetup } from '../engine/train/setup';

/** Bytes of one checkpoint. */
export function stateBytes(config: RunConfig, classes: number, plan: Plan): number {
  const setup = trainingSetup(config, classes, plan.stages);
  const scratch = Object.keys(scratchState(setup.classify));
  return Object.entries(setup.program().variables)
    .filter(([name]) => !scratch.includes(name))
    .reduce((sum, [, { shape }]) => sum + shape.reduce((product, length) => product * length, 4), 0);
}
