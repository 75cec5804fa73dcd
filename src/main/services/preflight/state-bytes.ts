import type { Plan } from '../../../shared/curriculum/plan';
import type { RunConfig } from '../../../shared/run-config';
import { trainingSetup } from '../../engine/train/setup';
import { sizeOf } from '../../engine/size-of';

/** Returns the bytes of one checkpoint. */
export const stateBytes = (config: RunConfig, classes: number, plan: Plan): number =>
  Object.values(trainingSetup(config, classes, plan.stages).training.stateVariables()).reduce(
    (sum, { shape }) => sum + 4 * sizeOf(shape),
    0,
  );
