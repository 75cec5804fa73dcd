/** Counts the checkpoints of a run on the disk. */
import type { RunConfig } from '../run-config';

/**
 * Returns the number of ends of stages that a run keeps beside its newest checkpoints; the last stage's end is the
 * newest.
 */
const stageEndsKept = ({ checkpoint, schedule }: RunConfig): number =>
  checkpoint.stage_ends ? schedule.stages.length - 1 : 0;

/** Counts the newest ones, the best, and the ends of stages that are kept. */
export const keptCheckpoints = (config: RunConfig): number => config.checkpoint.keep_last + 1 + stageEndsKept(config);
