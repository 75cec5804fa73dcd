import { allPresets } from '../../../shared/curriculum/presets';
import type { ExportJob, Exporter } from './export-job';

export interface Parity {
  max_abs_diff: number;
  images: number;
}

const row = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;

/** README.md of an export: data, recipe, schedule, results, how to load it, and how well the files agree with the run. */
export function modelCard(job: ExportJob, { id, output, usage }: Exporter, parity: Parity): string {
  const { entry, config, plan, classes, run, dataset } = job;
  const { data, optimizer, schedule } = config;
  const citation = allPresets().find((preset) => preset.id === schedule.preset)?.citation ?? 'a schedule of its own';
  const best = run.best ? `${run.best.metric} ${(100 * run.best.value).toFixed(2)} % at step ${run.best.step}` : 'not evaluated';
  return `${[
    `# ${run.name}`,
    '',
    `${entry.id}, ${config.size} px, ${classes.length} classes, exported as ${id} by EfficientTrain Studio (weights: ${run.weights}, after step ${run.step} of ${run.steps}).`,
    '',
    '## Load it',
    '',
    usage(job),
    '',
    '## Results',
    '',
    `Best of the run: ${best}, on the validation split.`,
    `Parity: the files, reloaded in a fresh process, differ from the run's own ${output} by at most ${parity.max_abs_diff.toExponential(2)} over ${parity.images} validation images.`,
    '',
    '## Data',
    '',
    `${dataset.name}: ${Object.entries(dataset.counts).map(([split, count]) => `${count} ${split}`).join(', ')} images. The licence of the data is the source's; check it before you share the weights.`,
    '',
    `Preprocessing: shorter side to ${Math.floor(config.size / data.crop_pct)} px (${data.interpolation}), centre crop ${config.size} px, mean ${data.mean.join(', ')}, std ${data.std.join(', ')}.`,
    `Labels, in order: ${classes.join(', ')}.`,
    '',
    '## Schedule',
    '',
    `${schedule.preset} (${citation}); ${plan.totals.equivalent_epochs.toFixed(2)} equivalent epochs, ${plan.totals.passes.toFixed(2)} passes.`,
    '',
    row(['stage', 'B', 'magnitude', 'batch', 'passes', 'steps']),
    row(['---', '---', '---', '---', '---', '---']),
    ...plan.stages.map((stage, index) => row([index + 1, stage.bandwidth, stage.magnitude === stage.magnitude_end ? stage.magnitude : `${stage.magnitude} to ${stage.magnitude_end}`, stage.batch, stage.passes.toFixed(2), stage.steps])),
    '',
    '## Recipe',
    '',
    `${optimizer.name}, base learning rate ${optimizer.base_lr} at batch ${optimizer.base_batch}, weight decay ${optimizer.weight_decay}, clipping ${optimizer.clip_grad_norm ?? 'off'}, EMA ${config.ema.decay ?? 'off'}, ` +
      `mixup ${data.mixup}, cutmix ${data.cutmix}, label smoothing ${data.label_smoothing}, random erasing ${data.reprob}, stochastic depth ${config.model_args.drop_path_rate}, seed ${config.seed}.`,
    '',
  ].join('\n')}`;
}
