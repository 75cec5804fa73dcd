/** Writes README.md of an export: the weights, their data and training, their accuracy, and how to load them. */
import { drawsMagnitude } from '../../../shared/curriculum/magnitudes';
import type { Plan } from '../../../shared/curriculum/plan';
import { runOfInit } from '../../../shared/run-init';
import type { RunConfig } from '../../../shared/run-config';
import { sumOf, type Tally } from '../../../shared/tally';
import type { ExportFormat, ExportInput } from './format';
import { PARITY_TOLERANCE, type Parity } from './parity';

export interface CardFacts {
  input: ExportInput;
  /** Name of the export's folder. */
  folder: string;
  format: Pick<ExportFormat, 'id' | 'howToLoad'>;
  run: { id: string; name: string; state: string; step: number; steps: number; config: RunConfig; plan: Plan };
  /** Step of the checkpoint, and which of its weights are exported. */
  step: number;
  weights: 'ema' | 'raw';
  dataset: { name: string; format: string; counts: Record<string, Tally> };
  /** Metrics of these weights at this step; empty where it was not evaluated. */
  results: { name: string; value: number }[];
  parity: Parity;
  created: string;
  version: string;
}

/** Escapes a class or data set name for a Markdown table or line. */
const plain = (text: string): string => text.replace(/[\\`*_{}[\]<>#|!~]/g, '\\$&').replace(/\s+/g, ' ');
const number = (value: number, digits = 4): string => String(Number(value.toPrecision(digits)));

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function dataText({ dataset }: CardFacts): string {
  const splits = Object.entries(dataset.counts).map(([split, counts]) => [
    plain(split),
    String(sumOf(counts)),
    String(Object.keys(counts).length),
  ]);
  return [
    `Data set "${plain(dataset.name)}" (${dataset.format}).`,
    '',
    tableOf(['split', 'images', 'classes'], splits),
    '',
    'The licence of these weights depends on that of the data, which this program does not know: before you share them, see what the owners of the images allow.',
  ].join('\n');
}

function recipeText({ run: { config } }: CardFacts): string {
  const { optimizer, data, ema, model_args } = config;
  const warmup =
    optimizer.warmup.unit === 'fraction'
      ? `${number(100 * optimizer.warmup.value)} % of the compute`
      : `${number(optimizer.warmup.value)} passes at the first stage`;
  const layerDecay = optimizer.layer_decay === null ? '' : `, layer decay ${optimizer.layer_decay}`;
  const rows = [
    ['optimizer', `${optimizer.name}, weight decay ${optimizer.weight_decay}${layerDecay}`],
    [
      'learning rate',
      `${optimizer.base_lr} at batch ${optimizer.base_batch}, cosine to ${optimizer.min_lr}, warm-up ${warmup}`,
    ],
    ['gradient clipping', optimizer.clip_grad_norm === null ? 'none' : `norm ${optimizer.clip_grad_norm}`],
    ['batch', String(data.batch)],
    [
      'augmentation',
      data.auto_augment === 'randaug'
        ? `RandAugment (${data.randaug_num_ops} ops, mstd ${data.randaug_mstd}), magnitude by stage`
        : 'no RandAugment',
    ],
    [
      'mixing',
      `mixup ${data.mixup}, cutmix ${data.cutmix}, probability ${data.mixup_prob}, label smoothing ${data.label_smoothing}`,
    ],
    ['random erasing', String(data.reprob)],
    ['stochastic depth, dropout', `${number(model_args.drop_path_rate)}, ${number(model_args.drop_rate)}`],
    ['EMA', ema.decay === null ? 'none' : String(ema.decay)],
    ['started from', `${originOf(config)}, seed ${config.seed}`],
  ];
  return tableOf(['', ''], rows);
}

/** Says what training began with. The name of a file means nothing to others, so it is left out. */
function originOf({ init }: CardFacts['run']['config']): string {
  if (init === null) return 'random weights';
  const named = runOfInit(init);
  return named ? `run ${named.run} after ${named.step} steps` : 'a weights file';
}

function scheduleText({ run: { plan, config } }: CardFacts): string {
  const magnitudes = drawsMagnitude(config.data);
  const rows = plan.stages.map(({ bandwidth, magnitude, magnitude_end, batch, passes, steps }, index) => [
    ...[String(index + 1), `${bandwidth} px`],
    ...(magnitudes
      ? [magnitude === magnitude_end ? number(magnitude, 3) : `${number(magnitude, 3)} to ${number(magnitude_end, 3)}`]
      : []),
    ...[String(batch), number(passes), String(steps)],
  ]);
  const { equivalent_epochs, passes } = plan.totals;
  return [
    `Preset \`${config.schedule.preset}\` (EfficientTrain++, Wang et al., TPAMI 2024): ${number(passes)} passes over the data for the compute of ${number(equivalent_epochs)} at ${config.size} px (equivalent epochs).`,
    '',
    tableOf(['stage', 'bandwidth', ...(magnitudes ? ['RandAugment magnitude'] : []), 'batch', 'passes', 'steps'], rows),
  ].join('\n');
}

function resultsText({ results, step, weights, run }: CardFacts): string {
  const which = `${weights === 'ema' ? 'EMA weights' : 'Weights'} after step ${step} of ${run.steps}${run.state === 'completed' ? '' : ` (the run is ${run.state})`}`;
  if (!results.length)
    return `${which}. They were not evaluated at this step: \`efficienttrain evaluate ${run.id}\` does it.`;
  return [
    `${which}, measured at ${run.config.size} px:`,
    '',
    tableOf(
      ['metric', 'value'],
      results.map(({ name, value }) => [`\`${name}\``, number(value)]),
    ),
  ].join('\n');
}

function preprocessingText({ input: { preprocessing }, format }: CardFacts): string {
  const { size, crop_pct, interpolation, mean, std } = preprocessing;
  const resized = Math.floor(size / crop_pct);
  const normal = format.id === 'savedmodel' ? 'Normalisation is inside the model' : 'Then normalise';
  return [
    `1. RGB; resize the shorter side to ${resized} px (${interpolation}, antialiased), crop the central ${size} x ${size} (crop_pct ${number(crop_pct)}).`,
    `2. ${normal}: pixels / 255, minus mean [${mean.join(', ')}], divided by std [${std.join(', ')}].`,
  ].join('\n');
}

/** Names the weights, as the beginning of a sentence. */
function subjectOf({ entry, model, classes, part, mae }: ExportInput): string {
  if (model.options.num_classes) return `\`${entry.id}\` for ${classes.length} classes`;
  if (!mae) return `Features of \`${entry.id}\``;
  const target = mae.target === 'hog' ? 'histograms of oriented gradients' : 'pixels';
  const what = part === 'all' ? 'Encoder and decoder' : 'The encoder';
  return `${what} of the masked autoencoder \`${entry.id}\` (He et al., CVPR 2022; ${100 * mae.mask_ratio} % of the patches masked, ${target} predicted), pre-trained without labels`;
}

export function modelCard(facts: CardFacts): string {
  const { input, format, run, parity, created, version } = facts;
  const classifies = input.model.options.num_classes > 0;
  const labels = tableOf(
    ['index', 'class'],
    input.classes.map((name, index) => [String(index), plain(name)]),
  );
  const sections: [string, string][] = [
    ['How to load', format.howToLoad(input, facts.folder)],
    ['Preprocessing', preprocessingText(facts)],
    ['Results', resultsText(facts)],
    ['Data', dataText(facts)],
    ['Schedule', scheduleText(facts)],
    ['Recipe', recipeText(facts)],
    [
      'Parity',
      `Reloaded from these files in a fresh process, ${parity.images} images of the data set gave outputs that differ from the run's own by at most ${number(parity.max_abs_diff, 3)} (allowed: ${PARITY_TOLERANCE} of an image's largest output, or of 1 where that is smaller).`,
    ],
    ...(classifies ? [['Labels', labels] as [string, string]] : []),
  ];
  const intro = `${subjectOf(input)} at ${input.preprocessing.size} px, trained by EfficientTrain Studio ${version} (run ${run.id}), exported ${created}.`;
  return [
    `# ${plain(run.name)}`,
    '',
    intro,
    ...sections.flatMap(([title, body]) => ['', `## ${title}`, '', body]),
    '',
  ].join('\n');
}
