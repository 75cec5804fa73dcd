/**
 * An experiment, labelled so everywhere: a stage ends when it stops paying for its cost. Wang et al. (TPAMI 2024) name
 * an adaptive curriculum as future work and give no rule; this one is ours. It is the marginal value theorem's idea
 * (Charnov, 1976): leave when the present gain per unit of cost falls below a share of the mean gain so far.
 */
import type { AdaptiveConfig } from '../adaptive-config';
import { leastOf, sharesLaidOut } from './adaptive-bounds';
import { adaptiveBoundsOf, computeShares, sharesOfSteps, type PlanConfig } from './passes';
import { buildPlan, type Plan } from './plan';
import { cost } from './stages';

/** All that decisions depend on beside the configuration; it is part of a checkpoint. */
export interface AdaptiveState {
  /** Steps of the stages that have ended. */
  decided: number[];
  /** Mean training loss of each whole window of the present stage. */
  windows: number[];
  /** Losses of the window that is not whole yet: their sum and their number. */
  sum: number;
  count: number;
}

export const adaptiveStart = (decided: readonly number[] = []): AdaptiveState => ({
  ...{ decided: [...decided], windows: [], sum: 0, count: 0 },
});

export interface AdaptivePlanParts {
  config: PlanConfig & { schedule: { adaptive: AdaptiveConfig } };
  /** Images in the training split. */
  samples: number;
  /** Multiply-adds of one image's forward pass at a size. */
  macs: (size: number) => number;
}

/**
 * The plan in force when stages have ended after so many steps: the present stage lasts until its latest border, those
 * behind it share the rest, and the last one ends when the budget of compute is spent, to within one of its steps.
 */
export function adaptivePlan({ config, samples, macs }: AdaptivePlanParts, decided: readonly number[]): Plan {
  const { schedule, size } = config;
  const shares = sharesLaidOut(
    computeShares(schedule, size),
    sharesOfSteps(config, samples, decided),
    schedule.adaptive,
  );
  const stages = schedule.stages.map((stage, at) => ({ ...stage, share: shares[at] as number }));
  const laidOut = { ...config, schedule: { ...schedule, stages, share_of: 'compute' as const } };
  const trained = decided.map((steps) => ({ steps }));
  // Bounds are those of the shares that the user gave.
  const adaptive = adaptiveBoundsOf(config, samples, trained);
  return { ...buildPlan(laidOut, samples, macs, trained), adaptive };
}

/** Steps of a window in stage `at`: windows cost the same at every size, up to rounding. At least one. */
export function windowSteps({ config, samples }: AdaptivePlanParts, at: number): number {
  const { schedule, size, data } = config;
  const { bandwidth = size, batch = null } = schedule.stages[at] ?? {};
  const images = (schedule.adaptive.window * schedule.equivalent_epochs * samples) / cost(bandwidth, size);
  return Math.max(Math.round(images / (batch ?? data.batch)), 1);
}

/** What one window of a stage has brought. */
export interface WindowGain {
  /** How much lower its mean loss is than that of the window before. */
  gain: number;
  /** The mean of the stage's gains up to it. */
  mean: number;
}

/** Of each window behind the stage's first. @param windows mean losses, in their order */
export const windowGains = (windows: readonly number[]): WindowGain[] =>
  windows.slice(1).map((loss, index) => ({
    gain: (windows[index] as number) - loss,
    mean: ((windows[0] as number) - loss) / (index + 1),
  }));

/** Whether the last `patience` windows of a stage have each paid too little, or the stage has paid nothing at all. */
export function paysTooLittle(
  windows: readonly number[],
  { threshold, patience }: Pick<AdaptiveConfig, 'threshold' | 'patience'>,
): boolean {
  const gains = windowGains(windows);
  return (
    gains.length >= patience && gains.slice(-patience).every(({ gain, mean }) => mean <= 0 || gain < threshold * mean)
  );
}

/** Whether stage `at` has had its least after so many steps. */
export function hasHadItsLeast(
  { config, samples }: AdaptivePlanParts,
  decided: readonly number[],
  steps: number,
): boolean {
  const usual = computeShares(config.schedule, config.size);
  const shares = sharesOfSteps(config, samples, [...decided, steps]);
  const spent = shares.slice(0, -1).reduce((sum, share) => sum + share, 0);
  return (shares.at(-1) as number) >= leastOf(usual, decided.length, spent, config.schedule.adaptive) - 1e-9;
}
