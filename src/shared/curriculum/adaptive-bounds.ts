/** Bounds of an adaptive schedule's borders. Compute is given as shares of the run's. */
import { z } from 'zod';
import type { AdaptiveConfig } from '../adaptive-config';

export const adaptiveBoundsSchema = z.object({
  /** Number of stages whose end has been decided. */
  decided: z.number(),
  stages: z.array(
    z.object({
      /** Least and largest share of compute of the stage; equal where it is decided. */
      share_min: z.number(),
      share_max: z.number(),
      /** Earliest and latest end of the stage, as a share of the run's compute. */
      end_min: z.number(),
      end_max: z.number(),
    }),
  ),
  /**
   * Least and largest number of passes and steps of the whole run. Small stages have more of both for the same compute.
   */
  passes: z.tuple([z.number(), z.number()]),
  steps: z.tuple([z.number(), z.number()]),
});

export type AdaptiveBounds = z.infer<typeof adaptiveBoundsSchema>;

type Factors = Pick<AdaptiveConfig, 'min' | 'max'>;

/** Returns the least share of compute of all stages from `from` on. */
const leastFrom = (usual: readonly number[], from: number, { min }: Factors): number =>
  usual.slice(from).reduce((sum, share) => sum + min * share, 0);

/**
 * Returns the largest share of stage `at` when the stages before it have spent `spent`. It leaves later stages their
 * least, and the last stage gets all that is left.
 * @param usual shares that the schedule gives its stages
 */
export function mostOf(usual: readonly number[], at: number, spent: number, factors: Factors): number {
  if (at === usual.length - 1) return 1 - spent;
  return Math.min(factors.max * (usual[at] as number), 1 - spent - leastFrom(usual, at + 1, factors));
}

/** Returns the least share of stage `at` when the stages before it have spent `spent`. */
export const leastOf = (usual: readonly number[], at: number, spent: number, { min }: Factors): number =>
  at === usual.length - 1 ? 1 - spent : min * (usual[at] as number);

/** Returns the shares of all stages. `choose` gives the share of each stage that is not decided. */
function chain(
  usual: readonly number[],
  decided: readonly number[],
  choose: (at: number, spent: number) => number,
): number[] {
  let spent = 0;
  return usual.map((_, at) => {
    const share = decided[at] ?? choose(at, spent);
    spent += share;
    return share;
  });
}

function endsOf(shares: readonly number[]): number[] {
  let end = 0;
  return shares.map((share) => (end += share));
}

/**
 * Returns the planned shares while the first stages are decided. The present stage lasts until its latest border, and
 * later stages divide the rest in proportion to their usual shares.
 */
export function sharesLaidOut(usual: readonly number[], decided: readonly number[], factors: Factors): number[] {
  const present = decided.length;
  return chain(usual, decided, (at, spent) => {
    if (at === present || at === usual.length - 1) return mostOf(usual, at, spent, factors);
    const behind = usual.slice(at).reduce((sum, share) => sum + share, 0);
    return ((1 - spent) * (usual[at] as number)) / behind;
  });
}

/**
 * Returns the bounds of all borders, and of the run's passes and steps.
 * @param usual shares that the schedule gives its stages
 * @param decided shares of the first stages, as they ended
 * @param passes of each stage if it had all of the run's compute
 * @param batches images a step of each stage
 * @param samples images an epoch
 */
export function adaptiveBounds(
  usual: readonly number[],
  decided: readonly number[],
  factors: Factors,
  { passes, batches, samples }: { passes: readonly number[]; batches: readonly number[]; samples: number },
): AdaptiveBounds {
  const early = chain(usual, decided, (at, spent) => leastOf(usual, at, spent, factors));
  const late = chain(usual, decided, (at, spent) => mostOf(usual, at, spent, factors));
  const [earlyEnds, lateEnds] = [endsOf(early), endsOf(late)];
  const stages = usual.map((_, at) => {
    const [from, until] = at === 0 ? [0, 0] : [earlyEnds[at - 1] as number, lateEnds[at - 1] as number];
    return {
      share_min: decided[at] ?? leastOf(usual, at, until, factors),
      share_max: decided[at] ?? mostOf(usual, at, from, factors),
      end_min: at === usual.length - 1 ? 1 : (earlyEnds[at] as number),
      end_max: at === usual.length - 1 ? 1 : (lateEnds[at] as number),
    };
  });
  const total = (shares: readonly number[], each: (at: number) => number): number =>
    shares.reduce((sum, share, at) => sum + share * each(at), 0);
  const range = (each: (at: number) => number): [number, number] => {
    const [a, b] = [total(early, each), total(late, each)];
    return [Math.min(a, b), Math.max(a, b)];
  };
  const passesOf = (at: number): number => passes[at] as number;
  const [fewest, most] = range((at) => (passesOf(at) * samples) / (batches[at] as number));
  return { decided: decided.length, stages, passes: range(passesOf), steps: [Math.round(fewest), Math.round(most)] };
}
