import type { BorderDecision } from '../../shared/contract/borders';
import type { Plan } from '../../shared/curriculum/plan';
import { decisionSentence } from '../engine/train/adaptive-borders';
import type { Run } from '../store/runs';
import { percent } from './format';

/** Lists where an adaptive run has ended its stages, one a line; empty where all borders are planned. */
export function bordersText({ plan }: Pick<Run, 'plan'>, borders: readonly BorderDecision[]): string[] {
  if (!plan.adaptive) return [];
  const none = 'The first border has not been decided yet.';
  return [
    '',
    'Borders (adaptive, an experiment):',
    ...(borders.length ? borders.map(decisionSentence) : [none]).map((line) => `  ${line}`),
  ];
}

/** Says where an adaptive plan's borders can lie, and the effect on its length; empty where all are planned. */
export function boundsText({ adaptive, totals }: Pick<Plan, 'adaptive' | 'totals'>): string[] {
  if (!adaptive) return [];
  const range = ([from, to]: readonly [number, number], text: (value: number) => string): string =>
    `${text(from)} to ${text(to)}`;
  const ends = adaptive.stages
    .slice(0, -1)
    .map(({ end_min, end_max }, at) =>
      at < adaptive.decided
        ? `stage ${at + 1} ended at ${percent(end_min)}`
        : `stage ${at + 1} ends at ${range([end_min, end_max], percent)}`,
    );
  const count = (value: number): string => Math.round(value).toLocaleString('en');
  return [
    '',
    `Adaptive (an experiment): the borders are decided while the run trains. Of its compute, ${ends.join(', ')}.`,
    `It takes ${range(adaptive.steps, count)} steps and ${range(adaptive.passes, (value) => value.toFixed(1))} passes, and ends when ` +
      `${totals.equivalent_epochs.toFixed(2)} equivalent epochs are spent.`,
  ];
}
