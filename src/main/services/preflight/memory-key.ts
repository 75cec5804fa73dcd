import type { Plan } from '../../../shared/curriculum/plan';
import type { RunConfig } from '../../../shared/run-config';

/**
 * Returns everything of a configuration that decides the estimates, as one text: configurations with the same text
 * share an estimate.
 */
export function memoryKey(
  { task, mae, distillation, model, size, optimizer, ema, data, model_args, schedule, engine }: RunConfig,
  classes: number,
  { stages }: Plan,
): string {
  const pairs = [...new Set(stages.map(({ bandwidth, batch }) => `${bandwidth} ${batch}`))].sort();
  const { name, clip_grad_norm, grad_accum_steps } = optimizer;
  return JSON.stringify([
    ...[task, classes, pairs, model, size, model_args, data.remode, schedule.low_frequency_mode],
    ...[name, clip_grad_norm, grad_accum_steps, ema.decay === null, engine.autocast, engine.device],
    ...(mae ? [mae] : []),
    ...(distillation ? [distillation] : []),
  ]);
}
