/** Computes what a run that branches from the end of another run's stage pays for itself. */
import type { RunConfig } from '../run-config';
import { positionAt, type Plan } from './plan';

export interface Branched {
  config: Pick<RunConfig, 'branch'>;
  plan: Plan;
}

/** Parses `RUN@K`: RUN is an id, a unique prefix of one, or a name; K counts the stages that are taken over. */
export function parseBranch(branch: string): { run: string; stages: number } | null {
  const named = /^(.+)@(\d+)$/.exec(branch);
  return named ? { run: named[1] as string, stages: Number(named[2]) } : null;
}

/** Returns the number of stages that a run has taken over from another; 0 where it trains all its stages. */
export const stagesTakenOver = ({ branch }: Pick<RunConfig, 'branch'>): number =>
  // Configurations that earlier versions have frozen lack the field.
  branch ? (parseBranch(branch)?.stages ?? 0) : 0;

/** Returns a run's plan with only the stages that it trains itself. */
export const ownPart = ({ config, plan }: Branched): Plan => ({
  ...plan,
  stages: plan.stages.slice(stagesTakenOver(config)),
});

/** Returns the number of finished steps with which a run begins. */
export const firstStepOf = ({ config, plan }: Branched): number =>
  plan.stages[stagesTakenOver(config)]?.first_step ?? 0;

/** Returns the compute that a run itself has spent until a step, in passes at the final size. */
export const ownEpochsUntil = (run: Branched, step: number): number =>
  positionAt(run.plan, step).equivalent_epochs - positionAt(run.plan, firstStepOf(run)).equivalent_epochs;

/** Returns the compute that a run itself has planned, in passes at the final size. */
export const ownEquivalentEpochs = (run: Branched): number => ownEpochsUntil(run, run.plan.totals.steps);
