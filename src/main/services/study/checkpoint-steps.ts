import { runFolder } from '../../base/home';
import { listCheckpoints } from '../../engine/train/checkpoint';

/** Steps of the run's checkpoints that are there, ascending. */
export const checkpointSteps = (home: string, run: string): number[] =>
  [...new Set(listCheckpoints(runFolder(home, run)).map(({ step }) => step))].sort((a, b) => a - b);
