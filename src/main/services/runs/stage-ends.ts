import type { Plan } from '../../../shared/curriculum/plan';
import type { RunConfig } from '../../../shared/run-config';
import { stateBytes } from '../preflight/state-bytes';

/** Bytes that the ends of all stages may take together where the configuration does not ask for them. */
const ROOM = 4 * 2 ** 30;

/**
 * Says whether a run keeps the ends of its stages, from which others may branch, where its configuration does not: it
 * does if they take little space.
 */
export const keepsStageEnds = (config: RunConfig, classes: number, plan: Plan): boolean =>
  plan.stages.length > 1 && plan.stages.length * stateBytes(config, classes, plan) <= ROOM;
