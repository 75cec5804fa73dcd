import type { Plan } from '../../shared/curriculum/plan';
import type { RunConfig } from '../../shared/run-config';
import { bytes, duration, percent, significant, table } from './format';

/** Hours and disk, where they were measured. */
export interface PlanCost {
  hours: number | null;
  disk_bytes: number;
}

/** A plan as a table and a line of totals. */
export function planText({ stages, totals }: Plan, config: RunConfig, cost: PlanCost): string {
  const rows = stages.map((stage, index) => [
    ...[String(index + 1), String(stage.bandwidth), stage.magnitude === stage.magnitude_end ? significant(stage.magnitude, 3) : `${significant(stage.magnitude, 3)}→${significant(stage.magnitude_end, 3)}`, String(stage.batch)],
    ...[percent(stage.share), significant(stage.passes), String(stage.steps), stage.images.toLocaleString('en'), stage.lr_start.toExponential(2), stage.lr_end.toExponential(2)],
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
  ].join('\n');
}
