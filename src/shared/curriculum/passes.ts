/** A schedule's shares as passes over the data and as compute, before they are rounded to steps. */
import type { RunConfig } from '../run-config';
import { adaptiveBounds, type AdaptiveBounds } from './adaptive-bounds';
import { cost } from './stages';

/** The values from which a plan is made. */
export type PlanConfig = Pick<RunConfig, 'schedule' | 'size' | 'optimizer'> & {
  data: { batch: number };
  task?: string;
};

/** Exact passes of each stage, before rounding to steps. */
export function passesOf({ stages, share_of, equivalent_epochs }: RunConfig['schedule'], size: number): number[] {
  const costs = stages.map(({ bandwidth }) => cost(bandwidth, size));
  if (share_of === 'compute')
    return stages.map(({ share }, index) => (share * equivalent_epochs) / (costs[index] as number));
  const mean = stages.reduce((sum, { share }, index) => sum + share * (costs[index] as number), 0);
  return stages.map(({ share }) => (share * equivalent_epochs) / mean);
}

/** Shares of compute that a schedule gives its stages, which add up to 1. */
export function computeShares(schedule: RunConfig['schedule'], size: number): number[] {
  const compute = passesOf(schedule, size).map(
    (passes, index) => passes * cost(schedule.stages[index]?.bandwidth ?? size, size),
  );
  const total = compute.reduce((sum, value) => sum + value, 0);
  return compute.map((value) => value / total);
}

/** Shares of compute of stages with so many steps. */
export const sharesOfSteps = (
  { schedule, size, data }: PlanConfig,
  samples: number,
  steps: readonly number[],
): number[] =>
  steps.map((count, at) => {
    const { bandwidth = size, batch = null } = schedule.stages[at] ?? {};
    return (count * (batch ?? data.batch) * cost(bandwidth, size)) / (schedule.equivalent_epochs * samples);
  });

/**
 * Returns the bounds of an adaptive schedule's borders; null where they are planned.
 * @param trained stages that have ended
 */
export function adaptiveBoundsOf(
  config: PlanConfig,
  samples: number,
  trained: readonly { steps: number }[],
): AdaptiveBounds | null {
  const { schedule, size, data } = config;
  if (!schedule.adaptive) return null;
  const decided = sharesOfSteps(
    config,
    samples,
    trained.map(({ steps }) => steps),
  );
  return adaptiveBounds(computeShares(schedule, size), decided, schedule.adaptive, {
    passes: schedule.stages.map(({ bandwidth }) => schedule.equivalent_epochs / cost(bandwidth, size)),
    batches: schedule.stages.map(({ batch }) => batch ?? data.batch),
    samples,
  });
}
