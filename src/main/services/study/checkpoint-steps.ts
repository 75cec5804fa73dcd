import { runFolder } from '../../base/home';
import { listCheckpoints } from '../../engine/train/checkpoint';

/** Returns the steps of the run's existing checkpoints, ascending. */
export const checkpointSteps = (home: string, run: string): number[] =>
  [...new Set(listCheckpoints(runFolder(home, run)).map(({ step }) => step))].sort((a, b) => a - b);
