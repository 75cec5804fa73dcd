/** Measures the speed-up of a step by a change: medians of alternating rounds of both. */
import { median } from '../bench/support/samples';
import type { Side } from '../bench/support/side';
import type { Steps } from './step-process';

export interface Gain {
  before_ms: number;
  after_ms: number;
  /** Above 1: the step is faster. */
  gain: number;
}

export async function gainOf(before: Side, after: Side, rounds: number, steps: number): Promise<Gain> {
  const times: [number[], number[]] = [[], []];
  for (let round = 0; round <= rounds; round++)
    for (const [index, side] of [before, after].entries()) {
      const { ms } = await side.ask<Steps>({ steps });
      // The first round builds kernels.
      if (round > 0) times[index]?.push(median(ms));
    }
  const [before_ms, after_ms] = times.map(median) as [number, number];
  return { before_ms, after_ms, gain: before_ms / after_ms };
}

export const gainWords = (gains: Record<string, Gain>): string =>
  Object.entries(gains)
    .map(
      ([model, { before_ms, after_ms, gain }]) =>
        `${model} ${before_ms.toFixed(1)} to ${after_ms.toFixed(1)} ms (${gain.toFixed(2)})`,
    )
    .join(', ');
