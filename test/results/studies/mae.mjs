/**
 * Measures the value of masked autoencoding (He et al., CVPR 2022) under the curriculum: pre-trained without labels by
 * `efficienttrain++` and by `constant` at equal compute, each judged by k-NN, a linear probe and fine-tuning, beside
 * the same network from scratch, with the fine-tuning's epochs and with the compute of pre-training and fine-tuning
 * together.
 */
import { differenceInWords, mean, percent, table } from '../statistics.mjs';

export const SEEDS = 3;

const [MODEL, CLASSIFIER, SIZE] = ['mae_vit_micro_patch4', 'deit_micro', 32];

/** Epochs of each part; there are few flowers, so each is seen more often. */
const CASES = [
  { dataset: 'cifar10', pretrain: 20, probe: 10, finetune: 5 },
  { dataset: 'flowers', pretrain: 60, probe: 40, finetune: 30 },
];
const PRESETS = ['constant', 'efficienttrain++'];

/** The published recipes are for batches of 1024 and more; these are theirs with learning rates for a batch of 64. */
const PROBE = ['optimizer.base_lr=100', 'optimizer.warmup.value=1'];
const FINETUNE = [
  ...['optimizer.base_lr=0.004', 'optimizer.warmup.value=1'],
  ...['data.auto_augment=none', 'data.mixup=0', 'data.cutmix=0'],
];

/** Returns a function that trains once and returns the run's id, its FLOPs and its last accuracy, if it has one. */
function trainer({ sides, machine }) {
  const threads = machine().threads;
  return (flags, fields) => {
    const set = [`engine.intra_op_threads=${threads}`, 'eval.every=1000', ...fields].flatMap((field) => [
      '--set',
      field,
    ]);
    const command = [
      'train',
      ...Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, String(value)]),
      ...set,
    ];
    const { run } = sides.cli(...command);
    const accuracy = sides.cli('metrics', run.id).series['val/top1']?.at(-1)[1];
    return { id: run.id, flops: run.plan.totals.flops, top1: accuracy, command: `efficienttrain ${command.join(' ')}` };
  };
}

/** Measures one set of pre-trained weights in all ways. */
function judged(bench, train, { dataset, pretrain, probe, finetune }, preset, seed) {
  const common = { dataset, batch: 64, seed };
  const pretrained = train({ ...common, task: 'mae', model: MODEL, preset, size: SIZE, epochs: pretrain }, []);
  const init = { ...common, init: pretrained.id };
  const { knn } = bench.sides.cli('evaluate', pretrained.id, '--knn');
  const probed = train({ ...init, task: 'probe', epochs: probe }, PROBE);
  const tuned = train({ ...init, task: 'classify', preset: 'finetune-mae', epochs: finetune }, FINETUNE);
  return {
    ...{ arm: preset, knn: knn.top1, probe: probed.top1, finetune: tuned.top1 },
    ...{ flops: pretrained.flops + tuned.flops, pretrain_flops: pretrained.flops, finetune_flops: tuned.flops },
    commands: [pretrained, probed, tuned].map(({ command }) => command),
  };
}

/**
 * Trains from scratch by the same recipe without layer decay, because no layer of the classifier was trained before.
 */
function fromScratch(train, { dataset }, arm, epochs, seed) {
  const flags = { dataset, batch: 64, seed, model: CLASSIFIER, size: SIZE, preset: 'finetune-mae', epochs };
  const { top1, flops, command } = train(flags, [...FINETUNE, 'optimizer.layer_decay=null']);
  return { arm, finetune: top1, flops, commands: [command] };
}

export function measure(bench, results, save) {
  const train = trainer(bench);
  const { sides, machine, only, seeds, epochsScale } = bench;
  for (let seed = 0; seed < seeds; seed++) {
    for (const example of CASES.filter(({ dataset }) => !only || dataset === only)) {
      sides.importOnce(example.dataset);
      const scaled = { ...example };
      for (const part of ['pretrain', 'probe', 'finetune']) scaled[part] *= epochsScale;
      const once = (arm, run) => {
        const known = results.find(
          (result) => result.dataset === example.dataset && result.arm === arm && result.seed === seed,
        );
        if (known) return known;
        const result = { dataset: example.dataset, seed, ...run(), machine: machine() };
        results.push(result);
        save();
        console.log(`${example.dataset} ${arm} seed ${seed}: ${JSON.stringify(result)}`);
        return result;
      };
      const [{ flops }] = PRESETS.map((preset) => once(preset, () => judged(bench, train, scaled, preset, seed)));
      const short = once('scratch', () => fromScratch(train, scaled, 'scratch', scaled.finetune, seed));
      const epochs = (scaled.finetune * flops) / short.flops;
      once('scratch, equal compute', () =>
        fromScratch(train, scaled, 'scratch, equal compute', epochs.toFixed(2), seed),
      );
    }
  }
}

const ARMS = [
  ['constant', 'MAE, constant'],
  ['efficienttrain++', 'MAE, efficienttrain++'],
  ['scratch', 'from scratch, epochs of the fine-tuning'],
  ['scratch, equal compute', 'from scratch, compute of both parts'],
];

/** Returns the differences between two arms for the seeds that both have. */
function paired(results, better, other, metric) {
  return results
    .filter(({ arm }) => arm === better)
    .flatMap((result) => {
      const same = results.find(({ arm, seed }) => arm === other && seed === result.seed);
      return same ? [result[metric] - same[metric]] : [];
    });
}

function caseSection({ dataset, pretrain, probe, finetune }, all) {
  const results = all.filter((result) => result.dataset === dataset);
  if (!results.length) return [];
  const rows = ARMS.flatMap(([arm, words]) => {
    const found = results.filter((result) => result.arm === arm);
    if (!found.length) return [];
    const cell = (metric) => (found[0][metric] === undefined ? '–' : percent(found.map((result) => result[metric])));
    const flops = (mean(found.map((result) => result.flops)) / 1e12).toFixed(1);
    return [[words, found.length, cell('knn'), cell('probe'), cell('finetune'), flops]];
  });
  const said = (better, other, metric, words) => {
    const differences = paired(results, better, other, metric);
    return differences.length ? [`- ${differenceInWords(`${words}, ${better}`, other, differences)}`] : [];
  };
  const example = results.find(({ arm }) => arm === 'efficienttrain++');
  return [
    `### ${dataset}, \`${MODEL}\` at ${SIZE} px: ${pretrain} equivalent epochs, then ${probe} of probing or ${finetune} of fine-tuning`,
    '',
    ...table(['start', 'seeds', 'k-NN', 'linear probe', 'fine-tuned', 'TFLOPs of pre-training and fine-tuning'], rows),
    '',
    ...said('efficienttrain++', 'constant', 'knn', 'k-NN'),
    ...said('efficienttrain++', 'constant', 'probe', 'Linear probe'),
    ...said('efficienttrain++', 'constant', 'finetune', 'Fine-tuned'),
    ...said('efficienttrain++', 'scratch', 'finetune', 'Fine-tuned'),
    ...said('efficienttrain++', 'scratch, equal compute', 'finetune', 'Fine-tuned'),
    '',
    ...(example ? [`Commands (seed ${example.seed}):`, '', '```', ...example.commands, '```', ''] : []),
  ];
}

export function section(results) {
  return [
    '## MAE pre-training under the curriculum',
    '',
    'All images are pre-trained on without labels. Accuracies are those of the last step on val. "efficienttrain++" and',
    '"constant" pre-train for the same compute. The probe is LARS on the class token; fine-tuning has the published recipe',
    'with layer decay 0.65 and mean pooling, but learning rates for a batch of 64 and weak augmentation, since it is short.',
    '',
    ...CASES.flatMap((example) => caseSection(example, results)),
  ];
}
