/**
 * An experiment, which is labelled as such everywhere: a stage ends when its gain no longer justifies its cost. Wang et
 * al. (TPAMI 2024) name an adaptive curriculum as future work and give no rule; this one is ours. Its idea is the
 * marginal value theorem (Charnov, 1976): leave when the present gain per unit of cost falls below a share of the mean
 * gain so far.
 */
import type { AdaptiveConfig } from '../adaptive-config';
import { leastOf, sharesLaidOut } from './adaptive-bounds';
import { adaptiveBoundsOf, computeShares, sharesOfSteps, type PlanConfig } from './passes';
import { buildPlan, type Plan } from './plan';
import { cost } from './stages';

/** Everything on which decisions depend beside the configuration. It is part of a checkpoint. */
export interface AdaptiveState {
  /** Numbers of steps of the stages that have ended. */
  decided: number[];
  /** Mean training loss of each complete window of the present stage. */
  windows: number[];
  /** Sum and number of the losses in the incomplete window. */
  sum: number;
  count: number;
}

/** Returns the state at a run's start. @param decided numbers of steps of stages that another run has trained */
export const adaptiveStart = (decided: readonly number[] = []): AdaptiveState => ({
  ...{ decided: [...decided], windows: [], sum: 0, count: 0 },
});

export interface AdaptivePlanParts {
  config: PlanConfig & { schedule: { adaptive: AdaptiveConfig } };
  /** Number of images in the training split. */
  samples: number;
  /** Multiply-adds of one image's forward pass at a size. */
  macs: (size: number) => number;
}

/**
 * Returns the plan in force when the first stages have ended after these numbers of steps. The present stage lasts
 * until its latest border, and later stages share the rest. The last one ends when the budget of compute is spent, to
 * within one of its steps.
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
  // Bounds follow from the shares that the user gave.
  const adaptive = adaptiveBoundsOf(config, samples, trained);
  return { ...buildPlan(laidOut, samples, macs, trained), adaptive };
}

/**
 * Returns the number of steps of a window in stage `at`, at least one. Windows cost the same at every size, up to
 * rounding.
 */
export function windowSteps({ config, samples }: AdaptivePlanParts, at: number): number {
  const { schedule, size, data } = config;
  const { bandwidth = size, batch = null } = schedule.stages[at] ?? {};
  const images = (schedule.adaptive.window * schedule.equivalent_epochs * samples) / cost(bandwidth, size);
  return Math.max(Math.round(images / (batch ?? data.batch)), 1);
}

/** The gain of one window of a stage. */
export interface WindowGain {
  /** By how much its mean loss is lower than that of the window before. */
  gain: number;
  /** Mean of the stage's gains up to this window. */
  mean: number;
}

/** Returns the gain of each window after the stage's first. @param windows mean losses in order */
export const windowGains = (windows: readonly number[]): WindowGain[] =>
  windows.slice(1).map((loss, index) => ({
    gain: (windows[index] as number) - loss,
    mean: ((windows[0] as number) - loss) / (index + 1),
  }));

/**
 * Says whether each of the last `patience` windows of a stage has too small a gain, or the stage has gained nothing at
 * all.
 */
export function paysTooLittle(
  windows: readonly number[],
  { threshold, patience }: Pick<AdaptiveConfig, 'threshold' | 'patience'>,
): boolean {
  const gains = windowGains(windows);
  return (
    gains.length >= patience && gains.slice(-patience).every(({ gain, mean }) => mean <= 0 || gain < threshold * mean)
  );
}

/**
 * Says whether stage `at` has had its least compute after this many steps.
 * @param decided steps of the stages before
 */
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
