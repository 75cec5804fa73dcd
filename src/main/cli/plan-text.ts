import { drawsMagnitude } from '../../shared/curriculum/magnitudes';
import type { Plan } from '../../shared/curriculum/plan';
import { differsFromOne, priceOf } from '../../shared/curriculum/price';
import { sizeRuleText } from '../../shared/curriculum/size-rule';
import { withoutSmallerSizes } from '../../shared/curriculum/without-smaller-sizes';
import type { RunConfig } from '../../shared/run-config';
import { departures } from '../../shared/run-config-resolve';
import { modelEntry } from '../engine/models';
import { boundsText } from './borders-text';
import { bytes, duration, percent, significant, table } from './format';

/** Hours and disk, where they were measured. */
export interface PlanCost {
  hours: number | null;
  disk_bytes: number;
  /** Epochs of the constant training for comparison; null: the papers' proportion. */
  reference: number | null;
}

const shown = (value: unknown): string =>
  typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);

/**
 * Lists the fields in which a run differs from its model's and preset's recipe, one a line; stages are in the table
 * already.
 */
function departuresText(config: RunConfig): string[] {
  const changed = departures(config, modelEntry(config.model)).filter(([path]) => path !== 'schedule.stages');
  return changed.length
    ? [
        '',
        "Departs from the model's recipe:",
        ...changed.map(([path, recipe, value]) => `  ${path}: ${shown(value)} (recipe: ${shown(recipe)})`),
      ]
    : [];
}

/** Says where the model accepts none of the preset's small sizes. */
function flatText({ model, size, schedule }: RunConfig): string[] {
  const { sizes } = modelEntry(model);
  if (withoutSmallerSizes(schedule, size, sizes) === null) return [];
  return [
    '',
    `Every stage is at ${size} px: ${model} takes no smaller size that ${schedule.preset} could use. ${sizeRuleText(sizes)}`,
    'It saves no compute; a larger final size leaves room for smaller stages.',
  ];
}

/** Words the cost of the passes, compared with constant training of so many epochs. */
function priceText({ totals }: Plan, { schedule }: RunConfig, chosen: number | null): string[] {
  const { passes, epochs, passes_per_epoch, reference, times_less } = priceOf(
    totals,
    schedule.equivalent_epochs,
    chosen,
  );
  const factor = times_less >= 1 ? times_less : 1 / times_less;
  const named = `constant for ${significant(reference)} epochs`;
  return [
    differsFromOne(passes_per_epoch)
      ? `${passes.toFixed(1)} passes for the price of ${significant(epochs)} (${passes_per_epoch.toFixed(2)}x more passes per FLOP)`
      : `${passes.toFixed(1)} passes`,
    differsFromOne(factor)
      ? `${factor.toFixed(2)}x ${times_less > 1 ? 'less' : 'more'} compute than ${named}`
      : `as much compute as ${named}`,
  ];
}

const magnitudeText = ({ magnitude, magnitude_end }: Plan['stages'][number]): string =>
  magnitude === magnitude_end
    ? significant(magnitude, 3)
    : `${significant(magnitude, 3)}→${significant(magnitude_end, 3)}`;

/** Formats a plan as a table, a line of totals and the departures from the recipe. */
export function planText(plan: Plan, config: RunConfig, cost: PlanCost | null): string {
  const { stages, totals } = plan;
  const magnitudes = drawsMagnitude(config.data);
  const own = totals.teacher_flops;
  const teacher = own > 0 ? ` (${significant(own / 1e15, 3)} of them the teacher's)` : '';
  const replays = stages.some(({ replay_times }) => replay_times > 1);
  const rows = stages.map((stage, index) => [
    ...[String(index + 1), String(stage.bandwidth), ...(magnitudes ? [magnitudeText(stage)] : []), String(stage.batch)],
    ...[
      percent(stage.share),
      significant(stage.passes),
      String(stage.steps),
      stage.images.toLocaleString('en'),
      ...(replays ? [String(stage.replay_times), stage.images_decoded.toLocaleString('en')] : []),
      stage.lr_start.toExponential(2),
      stage.lr_end.toExponential(2),
    ],
  ]);
  return [
    `${config.model} at ${config.size} px, preset ${config.schedule.preset}, ${config.optimizer.name}, seed ${config.seed}`,
    '',
    table(
      [
        ...['stage', 'B', ...(magnitudes ? ['m'] : []), 'batch', 'compute', 'passes', 'steps', 'images'],
        ...(replays ? ['replay', 'decoded'] : []),
        ...['lr start', 'lr end'],
      ],
      rows,
    ),
    '',
    [
      `${significant(totals.equivalent_epochs)} equivalent epochs`,
      ...priceText(plan, config, cost?.reference ?? null),
      `${totals.steps.toLocaleString('en')} steps`,
      `${totals.images.toLocaleString('en')} images${replays ? `, ${totals.images_decoded.toLocaleString('en')} of them decoded` : ''}`,
      `${significant(totals.flops / 1e15, 3)} PFLOP${teacher}`,
      ...(cost === null || cost.hours === null ? [] : [`about ${duration(cost.hours * 3600)}`]),
      ...(cost === null ? [] : [`${bytes(cost.disk_bytes)} of checkpoints`]),
    ].join(' · '),
    ...flatText(config),
    ...boundsText(plan),
    ...departuresText(config),
  ].join('\n');
}
