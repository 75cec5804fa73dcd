/**
 * Compares the experiment `adaptive`, whose borders are decided during training, at equal compute with
 * `efficienttrain++`, which has the same sizes and planned borders, and with `constant`.
 */
import { differenceInWords, distinct, mean, percent, table } from '../statistics.mjs';

export const SEEDS = 3;

const CASES = [
  { dataset: 'cifar10', model: 'resnet_micro', size: 32, epochs: 6, batch: 64 },
  { dataset: 'flowers', model: 'resnet_micro', size: 64, epochs: 40, batch: 32 },
];
const PRESETS = ['constant', 'efficienttrain++', 'adaptive'];

function trained({ sides, machine, epochsScale }, example, preset, seed) {
  const scaled = { ...example, epochs: example.epochs * epochsScale, set: [] };
  const { run, top1, command } = sides.ours(scaled, preset, seed);
  const { borders } = sides.cli('show', run.id).run;
  const { equivalent_epochs, steps, passes } = run.plan.totals;
  return {
    ...{ dataset: example.dataset, preset, seed, top1, equivalent_epochs, steps, passes },
    borders: borders.map(({ share, reason }) => ({ share, reason })),
    ...{ sizes: run.plan.stages.map(({ bandwidth }) => bandwidth), wall_seconds: run.wall_seconds },
    ...{ command, machine: machine() },
  };
}

export function measure(bench, results, save) {
  for (let seed = 0; seed < bench.seeds; seed++) {
    for (const example of CASES.filter(({ dataset }) => !bench.only || dataset === bench.only)) {
      bench.sides.importOnce(example.dataset);
      for (const preset of PRESETS) {
        const is = { dataset: example.dataset, preset, seed };
        if (results.some((result) => Object.entries(is).every(([field, value]) => result[field] === value))) continue;
        const result = trained(bench, example, preset, seed);
        results.push(result);
        save();
        const ends = result.borders.map(({ share }) => `${(100 * share).toFixed(0)} %`).join(', ');
        console.log(
          `${example.dataset} ${preset} seed ${seed}: ${(100 * result.top1).toFixed(1)} %${ends ? `, stages of ${ends}` : ''}`,
        );
      }
    }
  }
}

/** Returns the differences for the seeds that both have. */
const paired = (of, better, other) =>
  of(better).flatMap(({ seed, top1 }) => {
    const same = of(other).find((result) => result.seed === seed);
    return same ? [top1 - same.top1] : [];
  });

/** Describes the stages' shares of the compute for each seed, and why each stage ended. */
function bordersText(found) {
  const sizes = found[0].sizes.slice(0, -1);
  return sizes.map((size, at) => {
    const ends = found.map(({ borders }) => borders[at]);
    const shares = ends.map(({ share }) => `${(100 * share).toFixed(0)} %`).join(', ');
    const longest = ends.filter(({ reason }) => reason === 'longest').length;
    return `- At ${size} px it stayed for ${shares} of the compute (a seed each), ${longest} of ${ends.length} times to its bound.`;
  });
}

function caseSection({ dataset, model, size }, all) {
  const results = all.filter((result) => result.dataset === dataset);
  if (!results.length) return [];
  const of = (preset) => results.filter((result) => result.preset === preset);
  const rows = PRESETS.filter((preset) => of(preset).length).map((preset) => {
    const found = of(preset);
    const average = (field, digits) => mean(found.map((result) => result[field])).toFixed(digits);
    const accuracy = percent(found.map(({ top1 }) => top1));
    return [preset, found.length, accuracy, average('equivalent_epochs', 2), average('passes', 1), average('steps', 0)];
  });
  const said = ['efficienttrain++', 'constant'].flatMap((other) => {
    const differences = paired(of, 'adaptive', other);
    return differences.length ? [`- ${differenceInWords('adaptive', other, differences)}`] : [];
  });
  const [example] = of('adaptive');
  return [
    `### ${dataset}, \`${model}\` at ${size} px, ${distinct(results.map((result) => Math.round(result.equivalent_epochs)))} equivalent epochs`,
    '',
    ...table(['preset', 'seeds', 'val top-1', 'equivalent epochs', 'passes', 'steps'], rows),
    '',
    ...said,
    ...(example
      ? [...bordersText(of('adaptive')), '', `Command (seed ${example.seed}):`, '', '```', example.command, '```']
      : []),
    '',
  ];
}

export function section(results) {
  return [
    '## Adaptive borders, an experiment',
    '',
    '`adaptive` has the sizes of `efficienttrain++`, and decides from its training loss when to go on to the next one',
    '(docs/method.md, "Adaptive borders"). All three presets spend the same compute. Accuracies are those of the last step.',
    '',
    ...CASES.flatMap((example) => caseSection(example, results)),
  ];
}
