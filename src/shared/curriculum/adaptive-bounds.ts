/** Where the borders of an adaptive schedule can lie. Compute is given as shares of the run's. */
import { z } from 'zod';
import type { AdaptiveConfig } from '../adaptive-config';

export const adaptiveBoundsSchema = z.object({
  /** Stages whose end has been decided. */
  decided: z.number(),
  stages: z.array(
    z.object({
      /** Least and most compute of the stage; equal where it is decided. */
      share_min: z.number(),
      share_max: z.number(),
      /** Compute of the run at the stage's end, at the earliest and at the latest. */
      end_min: z.number(),
      end_max: z.number(),
    }),
  ),
  /** Fewest and most of the whole run: small stages have more of either for the same compute. */
  passes: z.tuple([z.number(), z.number()]),
  steps: z.tuple([z.number(), z.number()]),
});

export type AdaptiveBounds = z.infer<typeof adaptiveBoundsSchema>;

type Factors = Pick<AdaptiveConfig, 'min' | 'max'>;

/** The least that the stages from `from` on have together. */
const leastFrom = (usual: readonly number[], from: number, { min }: Factors): number =>
  usual.slice(from).reduce((sum, share) => sum + min * share, 0);

/**
 * The most of stage `at` behind stages that have spent `spent`: it leaves those behind it their least, and the last one
 * has all that is left.
 * @param usual shares that the schedule gives its stages
 */
export function mostOf(usual: readonly number[], at: number, spent: number, factors: Factors): number {
  if (at === usual.length - 1) return 1 - spent;
  return Math.min(factors.max * (usual[at] as number), 1 - spent - leastFrom(usual, at + 1, factors));
}

/** The least of stage `at` behind stages that have spent `spent`. */
export const leastOf = (usual: readonly number[], at: number, spent: number, { min }: Factors): number =>
  at === usual.length - 1 ? 1 - spent : min * (usual[at] as number);

/** Shares of all stages where each that is not decided takes what `choose` gives it. */
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
 * Shares with which stages are laid out while the first ones are decided: the present stage lasts until its latest
 * border, and those behind it divide what is left in proportion to their usual shares.
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
 * @param usual shares that the schedule gives its stages  @param decided shares of the first stages, as they ended
 * @param passes of a stage for all of the run's compute  @param batches of each stage  @param samples of an epoch
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
