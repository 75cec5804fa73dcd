/**
 * Decides during training where a run's stages end (shared/curriculum/adaptive.ts has the rule). Decisions are made at
 * steps that the plan in force names, and depend only on the training loss. So they are the same for any number of
 * loader workers, and when a run continues from a checkpoint.
 */
import type { Plan } from '../../../shared/curriculum/plan';
import {
  hasHadItsLeast,
  paysTooLittle,
  windowGains,
  windowSteps,
  type AdaptivePlanParts,
  type AdaptiveState,
} from '../../../shared/curriculum/adaptive';
import type { BorderDecision } from '../../../shared/contract/borders';

export class AdaptiveBorders {
  private decided: readonly number[];
  private windows: number[];
  private sum: number;
  private count: number;
  private inForce: Plan;

  /** @param layOut returns the plan in force when the first stages have ended after these numbers of steps */
  constructor(
    private readonly parts: AdaptivePlanParts,
    private readonly layOut: (decided: readonly number[]) => Plan,
    { decided, windows, sum, count }: AdaptiveState,
  ) {
    this.decided = decided;
    this.windows = [...windows];
    this.sum = sum;
    this.count = count;
    this.inForce = layOut(decided);
  }

  get plan(): Plan {
    return this.inForce;
  }

  get state(): AdaptiveState {
    const { decided, windows, sum, count } = this;
    return { decided: [...decided], windows: [...windows], sum, count };
  }

  /**
   * Returns the number of steps of the present stage before `step`, and whether it is the last stage, which ends with
   * the budget.
   */
  private placeOf(step: number): { at: number; within: number; steps: number; last: boolean } {
    const at = this.decided.length;
    const { stages } = this.inForce;
    const { first_step, steps } = stages[at] as Plan['stages'][number];
    return { at, within: step - first_step, steps, last: at === stages.length - 1 };
  }

  /** Says whether the border is decided after `step` finished steps. */
  due(step: number): boolean {
    const { at, within, steps, last } = this.placeOf(step);
    return !last && within > 0 && (within === steps || within % windowSteps(this.parts, at) === 0);
  }

  /**
   * Adds the loss of a step of the present stage.
   * @param step finished steps
   * @returns the decision where the stage ends
   */
  after(step: number, loss: number): BorderDecision | null {
    this.sum += loss;
    this.count++;
    if (!this.due(step)) return null;
    const { at, within, steps } = this.placeOf(step);
    if (within % windowSteps(this.parts, at) === 0) {
      this.windows.push(this.sum / this.count);
      [this.sum, this.count] = [0, 0];
    }
    const { adaptive } = this.parts.config.schedule;
    const isLongest = within === steps;
    const isPoor = paysTooLittle(this.windows, adaptive) && hasHadItsLeast(this.parts, this.decided, within);
    if (!isLongest && !isPoor) return null;
    const gains = windowGains(this.windows);
    this.decided = [...this.decided, within];
    this.windows = [];
    [this.sum, this.count] = [0, 0];
    this.inForce = this.layOut(this.decided);
    const { bandwidth, share } = this.inForce.stages[at] as Plan['stages'][number];
    return {
      ...{ stage: at, bandwidth, step, share, reason: isPoor ? 'pays_too_little' : 'longest' },
      gains: gains.slice(-adaptive.patience).map(({ gain }) => gain),
      mean_gain: gains.at(-1)?.mean ?? null,
      threshold: adaptive.threshold,
    };
  }
}

const digits = (value: number): string => Number(value.toPrecision(3)).toString();

/** Words a decision for the run's log. */
export function decisionSentence({ stage, bandwidth, step, share, ...why }: BorderDecision): string {
  const { reason, gains, mean_gain, threshold } = why;
  const head = `Stage ${stage + 1} (${bandwidth} px) ends after step ${step}, with ${digits(100 * share)} % of the run's compute`;
  if (reason === 'longest') return `${head}: that is the most that its bounds give it.`;
  if (mean_gain !== null && mean_gain <= 0) return `${head}: its windows have not lowered the loss.`;
  return (
    `${head}: its last ${gains.length} windows lowered the loss by ${gains.map(digits).join(', ')}, each less than ` +
    `${threshold} of the stage's mean of ${digits(mean_gain ?? 0)}.`
  );
}
