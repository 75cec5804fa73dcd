import type { Plan } from '../../shared/curriculum/plan';
import type { RunConfig } from '../../shared/run-config';
import { stateVariables } from '../engine/tasks/classify';
import { trainingSetup } from '../engine/train/setup';

/** Bytes of one checkpoint. */
export const stateBytes = (config: RunConfig, classes: number, plan: Plan): number =>
  Object.values(stateVariables(trainingSetup(config, classes, plan.stages).classify)).reduce(
    (sum, { shape }) => sum + shape.reduce((product, length) => product * length, 4),
    0,
  );
