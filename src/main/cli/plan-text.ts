import type { Plan } from '../../shared/curriculum/plan';
import type { RunConfig } from '../../shared/run-config';
import { departures } from '../../shared/run-config-resolve';
import { modelEntry } from '../engine/models';
import { bytes, duration, percent, significant, table } from './format';

/** Hours and disk, where they were measured. */
export interface PlanCost {
  hours: number | null;
  disk_bytes: number;
}

const shown = (value: unknown): string => (typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value));

/** Fields in which a run differs from its model's and preset's recipe, one a line; stages are in the table already. */
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

/** A plan as a table, a line of totals and what departs from the recipe. */
export function planText({ stages, totals }: Plan, config: RunConfig, cost: PlanCost): string {
  const rows = stages.map((stage, index) => [
    ...[
      String(index + 1),
      String(stage.bandwidth),
      stage.magnitude === stage.magnitude_end
        ? significant(stage.magnitude, 3)
        : `${significant(stage.magnitude, 3)}→${significant(stage.magnitude_end, 3)}`,
      String(stage.batch),
    ],
    ...[
      percent(stage.share),
      significant(stage.passes),
      String(stage.steps),
      stage.images.toLocaleString('en'),
      stage.lr_start.toExponential(2),
      stage.lr_end.toExponential(2),
    ],
  ]);
  return [
    `${config.model} at ${config.size} px, preset ${config.schedule.preset}, ${config.optimizer.name}, seed ${config.seed}`,
    '',
    table(['stage', 'B', 'm', 'batch', 'compute', 'passes', 'steps', 'images', 'lr start', 'lr end'], rows),
    '',
    [
      `${significant(totals.equivalent_epochs)} equivalent epochs`,
      `${significant(totals.passes)} passes`,
      `${totals.steps.toLocaleString('en')} steps`,
      `${totals.images.toLocaleString('en')} images`,
      `${significant(totals.flops / 1e15, 3)} PFLOP`,
      `${totals.speedup.toFixed(2)}x less compute than as many passes at ${config.size} px`,
      ...(cost.hours === null ? [] : [`about ${duration(cost.hours * 3600)}`]),
      `${bytes(cost.disk_bytes)} of checkpoints`,
    ].join(' · '),
    ...departuresText(config),
  ].join('\n');
}
