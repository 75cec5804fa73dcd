/** Describes an adaptive run's stages: how each has ended, or within which bounds it will end. Pure functions. */
import type { BorderDecision } from '../../../shared/contract/borders';
import type { RunDetails } from '../../../shared/contract/runs';
import { percent, significant } from '../../format/numbers';

export interface BorderLine {
  stage: number;
  /** Key of the sentence, and the values in it. */
  key: 'border_open' | 'border_rest' | 'border_last' | 'border_flat' | `border_${BorderDecision['reason']}`;
  facts: Record<string, string | number>;
}

const share = (value: number): string => percent(value);
const loss = (value: number): string => significant(value, 2);

function decidedLine({
  stage,
  bandwidth,
  step,
  reason,
  gains,
  mean_gain,
  threshold,
  ...of
}: BorderDecision): BorderLine {
  const facts = { stage: stage + 1, bandwidth, step, share: share(of.share) };
  if (reason === 'longest') return { stage, key: 'border_longest', facts };
  if (mean_gain !== null && mean_gain <= 0) return { stage, key: 'border_flat', facts };
  const why = { gains: gains.map(loss).join(', '), mean: loss(mean_gain ?? 0), threshold };
  return { stage, key: 'border_pays_too_little', facts: { ...facts, ...why } };
}

export function borderLines({ plan, borders }: Pick<RunDetails, 'plan' | 'borders'>): BorderLine[] {
  const decided = new Map(borders.map((decision) => [decision.stage, decision]));
  const bounds = plan.adaptive?.stages ?? [];
  return bounds.map(({ share_min, share_max, end_min, end_max }, stage): BorderLine => {
    const decision = decided.get(stage);
    if (decision) return decidedLine(decision);
    const { bandwidth = 0, share: own = 0 } = plan.stages[stage] ?? {};
    const facts = { stage: stage + 1, bandwidth };
    const [least, most] = [share(share_min), share(share_max)];
    // A branch has taken over the end of a stage, or the last stage's beginning is decided.
    if (least === most) return { stage, key: 'border_last', facts: { ...facts, share: share(own) } };
    if (stage === bounds.length - 1) return { stage, key: 'border_rest', facts: { ...facts, from: least, to: most } };
    return { stage, key: 'border_open', facts: { ...facts, from: share(end_min), to: share(end_max) } };
  });
}
