/**
 * Measures the searches: algorithms 1 and 2 on a micro model with three seeds a trial, and the found schedules beside
 * the published ones and ordinary training, each trained with seeds that the search has not used.
 */
import { differenceInWords, mean, percent, table } from '../statistics.mjs';

export const SEEDS = 3;

const [DATASET, MODEL, SIZE, EPOCHS, BATCH, STAGES] = ['cifar10', 'resnet_micro', 32, 8, 64, 5];
const BETA = 2 / 3;
/** First seed of the runs that are compared; the searches use those from 0 on. */
const UNSEEN = 100;

const PUBLISHED = { 1: 'efficienttrain', 2: 'efficienttrain++' };

const fieldsOf = (machine) =>
  [`engine.intra_op_threads=${machine().threads}`, 'eval.every=1000'].flatMap((field) => ['--set', field]);

function searched({ sides, machine, epochsScale, seeds }, algorithm) {
  const command = [
    ...['search', '--algorithm', algorithm, '--dataset', DATASET, '--model', MODEL, '--size', SIZE, '--stages', STAGES],
    ...['--epochs', EPOCHS * epochsScale, '--beta', BETA, '--batch', BATCH, '--seeds', seeds, ...fieldsOf(machine)],
  ].map(String);
  const { search, progress, rule } = sides.cli(...command);
  return {
    ...{
      kind: 'search',
      algorithm,
      chosen: search.chosen,
      cost: search.cost,
      budget: search.budget,
      preset: search.preset,
    },
    ...{ baseline: search.baseline, trials: search.trials, spent: progress.spent, overlap: rule.overlap },
    ...{
      seconds: progress.seconds,
      trial_seconds: progress.trial_seconds,
      command: `efficienttrain ${command.join(' ')}`,
    },
  };
}

/** Trains once with a seed that no search has used. */
function trained({ sides, machine }, preset, epochs, seed) {
  const command = [
    ...['train', '--dataset', DATASET, '--model', MODEL, '--size', SIZE, '--preset', preset, '--epochs', epochs],
    ...['--batch', BATCH, '--seed', UNSEEN + seed, ...fieldsOf(machine)],
  ].map(String);
  const { run } = sides.cli(...command);
  const top1 = sides.cli('metrics', run.id).series['val/top1'].at(-1)[1];
  return { top1, equivalent_epochs: run.plan.totals.equivalent_epochs, command: `efficienttrain ${command.join(' ')}` };
}

export function measure(bench, results, save) {
  const { sides, machine, seeds, epochsScale } = bench;
  sides.importOnce(DATASET);
  const add = (result) => {
    results.push({ ...result, machine: machine() });
    save();
    console.log(JSON.stringify({ ...result, trials: undefined }));
    return result;
  };
  for (const algorithm of [2, 1]) {
    const known = results.find((result) => result.kind === 'search' && result.algorithm === algorithm);
    // A preset is in the data folder of the measurement that found it.
    if (known && results.filter((result) => result.algorithm === algorithm).length === 1 + 3 * seeds) continue;
    if (known) results.splice(0, results.length, ...results.filter((result) => result.algorithm !== algorithm));
    const search = add(searched(bench, algorithm));
    const arms = [
      ['found', search.preset, search.cost],
      ['published', PUBLISHED[algorithm], search.cost],
      ['constant', 'constant', search.cost],
    ];
    for (let seed = 0; seed < seeds; seed++)
      for (const [arm, preset, epochs] of arms)
        add({ kind: 'run', algorithm, arm, seed, ...trained(bench, preset, epochs, seed) });
  }
  if (epochsScale !== 1)
    console.log(`with ${epochsScale} of the epochs, so this says nothing of the published numbers`);
}

const OVERLAPS = {
  cheaper: 'Of trials whose intervals overlap the cheaper one was taken.',
  mean: 'Where intervals overlap, the higher mean was taken.',
};

const ARMS = { found: 'found here', published: 'published', constant: 'constant, the same compute' };

function algorithmSection(results, algorithm) {
  const search = results.find((result) => result.kind === 'search' && result.algorithm === algorithm);
  if (!search) return [];
  const runs = results.filter((result) => result.kind === 'run' && result.algorithm === algorithm);
  const of = (arm) => runs.filter((run) => run.arm === arm).map(({ top1 }) => top1);
  const rows = Object.entries(ARMS)
    .filter(([arm]) => of(arm).length)
    .map(([arm, words]) => {
      const epochs = runs.filter((run) => run.arm === arm).map(({ equivalent_epochs: spent }) => spent);
      return [words, of(arm).length, mean(epochs).toFixed(2), percent(of(arm))];
    });
  const said = (other) => {
    const differences = of('found').map((top1, index) => top1 - of(other)[index]);
    return differences.length && of(other).length === differences.length
      ? [`- ${differenceInWords('The found schedule', `the ${ARMS[other]} one`, differences)}`]
      : [];
  };
  const overhead = (100 * (search.seconds - search.trial_seconds)) / search.trial_seconds;
  return [
    `### Algorithm ${algorithm}: ${search.chosen.join(', ')} px`,
    '',
    `${search.trials.length} trials with ${search.trials[0]?.seeds ?? 0} seeds each took ${search.spent.toFixed(1)} equivalent epochs`,
    `(${(search.spent / search.baseline.cost).toFixed(1)} trainings of the baseline) in ${Math.round(search.seconds)} s; the search itself`,
    // Searches of the version before let the means decide.
    `took ${overhead.toFixed(1)} % of its trials' time. ${OVERLAPS[search.overlap ?? 'mean']} The baseline of ${search.baseline.cost.toFixed(1)} equivalent epochs has ${(100 * search.baseline.top1).toFixed(1)} %.`,
    '',
    ...table(
      ['stage', 'B', 'val top-1', 'seeds', 'equivalent epochs'],
      [
        ...search.trials.map(({ stage, bandwidth, top1, seeds, cost }) => [
          ...[stage + 1, bandwidth, top1 === null ? '–' : `${(100 * top1).toFixed(1)} %`, seeds, cost.toFixed(2)],
        ]),
      ],
    ),
    '',
    'Trained again with other seeds, for the compute of the found schedule:',
    '',
    ...table(['schedule', 'seeds', 'equivalent epochs', 'val top-1'], rows),
    '',
    ...said('published'),
    ...said('constant'),
    '',
    ...['Command:', '', '```', search.command, '```', ''],
  ];
}

export function section(results) {
  return [
    '## Schedules found by search, beside the published ones',
    '',
    `${DATASET}, \`${MODEL}\` at ${SIZE} px, a baseline of ${EPOCHS} epochs, ${STAGES} stages. Algorithm 1 keeps the baseline's accuracy;`,
    "algorithm 2 may cost two thirds of its compute. Of each trial the accuracy is the mean over seeds, on val's 1,000 images.",
    '',
    ...[2, 1].flatMap((algorithm) => algorithmSection(results, algorithm)),
  ];
}
