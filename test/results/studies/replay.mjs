/**
 * Measures the effect of the replay buffer and early large batches (Wang et al., TPAMI 2024) on accuracy:
 * `efficienttrain++` without them, with either and with both, at equal compute and equal numbers of trained images.
 */
import { differenceInWords, mean, percent, table } from '../statistics.mjs';

export const SEEDS = 3;

const SIZE = 32;
const BATCH = 128;
const CASES = [
  { dataset: 'cifar10', model: 'resnet_micro', epochs: 10, set: [] },
  { dataset: 'cifar10', model: 'deit_micro', epochs: 10, set: ['optimizer.base_lr=0.256'] },
];
/**
 * Size of the buffer in megabytes of 2^20 bytes. The published buffer of the stages at 96 px holds 1920 fresh batches
 * of 128 images in each of 8 processes, which is one and a half times the images of ImageNet; this is the same multiple
 * of these 5,000.
 */
const BUFFER_MB = Math.ceil((((1920 * 128 * 8) / 1_281_167) * 5000 * 3 * SIZE ** 2) / 2 ** 20);

const ARMS = [
  ['plain', 'neither', []],
  ['replay', 'replay 4 / 2 / 1', ['--replay', 'published']],
  ['early', 'early large batch', ['--early-large-batch']],
  ['both', 'both', ['--replay', 'published', '--early-large-batch']],
];

function trained({ sides, machine, epochsScale }, { dataset, model, epochs, set }, flags, seed) {
  const named = {
    dataset,
    model,
    preset: 'efficienttrain++',
    size: SIZE,
    epochs: epochs * epochsScale,
    batch: BATCH,
    seed,
  };
  const fields = [
    ...[`engine.intra_op_threads=${machine().threads}`, 'eval.every=1000', `replay.buffer_mb=${BUFFER_MB}`],
    ...set,
  ];
  const command = [
    'train',
    ...Object.entries(named).flatMap(([flag, value]) => [`--${flag}`, String(value)]),
    ...flags,
  ];
  const all = [...command, ...fields.flatMap((field) => ['--set', field])];
  const { run } = sides.cli(...all);
  const { stages } = sides.cli('show', run.id).run;
  const { steps, images, images_decoded, equivalent_epochs } = run.plan.totals;
  return {
    ...{
      top1: sides.cli('metrics', run.id).series['val/top1'].at(-1)[1],
      steps,
      images,
      images_decoded,
      equivalent_epochs,
    },
    ...{ batches: stages.map(({ batch }) => batch), wall_seconds: run.wall_seconds },
    waiting: stages.reduce((sum, { loader_seconds }) => sum + loader_seconds, 0),
    command: `efficienttrain ${all.join(' ')}`,
  };
}

export function measure(bench, results, save) {
  for (let seed = 0; seed < bench.seeds; seed++) {
    for (const example of CASES.filter(({ dataset }) => !bench.only || dataset === bench.only)) {
      bench.sides.importOnce(example.dataset);
      for (const [arm, , flags] of ARMS) {
        const is = { dataset: example.dataset, model: example.model, arm, seed };
        if (results.some((result) => Object.entries(is).every(([field, value]) => result[field] === value))) continue;
        const result = { ...is, ...trained(bench, example, flags, seed), machine: bench.machine() };
        results.push(result);
        save();
        console.log(
          `${example.model} ${arm} seed ${seed}: ${(100 * result.top1).toFixed(1)} %, ${result.images_decoded} decoded`,
        );
      }
    }
  }
}

function caseSection({ dataset, model }, all) {
  const results = all.filter((result) => result.dataset === dataset && result.model === model);
  if (!results.length) return [];
  const of = (arm) => results.filter((result) => result.arm === arm);
  const count = (value) => Math.round(value).toLocaleString('en');
  const rows = ARMS.flatMap(([arm, words]) => {
    const found = of(arm);
    if (!found.length) return [];
    const average = (field) => mean(found.map((result) => result[field]));
    const batches = [...new Set(found[0].batches)].join(', ');
    const counts = ['steps', 'images', 'images_decoded'].map((field) => count(average(field)));
    return [[words, found.length, percent(found.map(({ top1 }) => top1)), batches, ...counts]];
  });
  const sentences = ARMS.slice(1).flatMap(([arm, words]) => {
    const differences = of(arm).flatMap(({ seed, top1 }) => {
      const same = of('plain').find((result) => result.seed === seed);
      return same ? [top1 - same.top1] : [];
    });
    return differences.length ? [`- ${differenceInWords(words, 'neither', differences)}`] : [];
  });
  return [
    `### ${dataset}, \`${model}\` at ${SIZE} px, ${Math.round(results[0].equivalent_epochs)} equivalent epochs`,
    '',
    ...table(['arm', 'seeds', 'val top-1', 'batches', 'steps', 'images trained', 'images decoded'], rows),
    '',
    ...sentences,
    '',
    ...['Command of both (seed 0):', '', '```', of('both')[0]?.command ?? results[0].command, '```', ''],
  ];
}

export function section(results) {
  return [
    '## Replay buffer and early large batch',
    '',
    `All arms train \`efficienttrain++\` with the same compute and the same number of images, to a batch of ${BATCH} at the final size.`,
    `The buffer holds ${BUFFER_MB} MB: one and a half times the training images, the published proportion at 96 px. What replay is for,`,
    'speed where loading is the bound, is measured by `npm run bench -- loader --throttle`; what is asked here is its price in accuracy.',
    '',
    ...CASES.flatMap((example) => caseSection(example, results)),
  ];
}
