/**
 * Tests the paper's claim (Wang et al., TPAMI 2024, sec. 3): training on low-passed images equals training on whole
 * ones at first and departs from it later, the later the larger the radius is. It makes one frequency study with three
 * seeds, and measures the checkpoints of a run under the curriculum on filtered and augmented images.
 */
import { table } from '../statistics.mjs';

export const SEEDS = 3;

const [DATASET, MODEL, SIZE, EPOCHS, BATCH] = ['cifar10', 'resnet_micro', 32, 12, 64];
/** Radii in periods over the image; 16 holds all frequencies along an axis. */
const RADII = [2, 4, 6, 8, 12];

const fieldsOf = (machine) => ['--set', `engine.intra_op_threads=${machine().threads}`];
const written = (command) => `efficienttrain ${command.join(' ')}`;

function studied({ sides, machine, epochsScale, seeds }) {
  const command = [
    ...['study', 'frequency', '--dataset', DATASET, '--model', MODEL, '--size', SIZE, '--radii', RADII.join(',')],
    ...['--epochs', EPOCHS * epochsScale, '--batch', BATCH, '--seeds', seeds, ...fieldsOf(machine)],
  ].map(String);
  return { kind: 'frequency', seeds, study: sides.cli(...command).study, command: written(command) };
}

/** Measures the checkpoints of a run under the curriculum, which keeps those at the ends of its stages. */
function checkpoints({ sides, machine, epochsScale }) {
  const train = [
    ...['train', '--dataset', DATASET, '--model', MODEL, '--size', SIZE, '--preset', 'efficienttrain++'],
    ...['--epochs', EPOCHS * epochsScale, '--batch', BATCH, ...fieldsOf(machine)],
  ].map(String);
  const { run } = sides.cli(...train);
  const { study } = sides.cli('study', 'checkpoints', run.id, '--radii', '4,8');
  return { kind: 'checkpoints', study, command: written(train) };
}

export function measure(bench, results, save) {
  const { sides, machine, seeds } = bench;
  sides.importOnce(DATASET);
  const wanted = [
    ['frequency', () => studied(bench), (known) => known.seeds >= seeds],
    ['checkpoints', () => checkpoints(bench), () => true],
  ];
  for (const [kind, make, isWhole] of wanted) {
    const at = results.findIndex((result) => result.kind === kind);
    if (at >= 0 && isWhole(results[at])) continue;
    if (at >= 0) results.splice(at, 1);
    results.push({ ...make(), machine: machine() });
    save();
    console.log(`${kind} is measured`);
  }
}

const share = (value) => `${(100 * value).toFixed(1)} %`;

/** Says in one sentence whether larger radii depart later. */
function verdict(curves) {
  const filtered = curves.filter(({ radius }) => radius !== null);
  const left = filtered.filter(({ leaves }) => leaves !== null);
  if (left.length < 2)
    return `${left.length} of ${filtered.length} radii leave the unfiltered curve, too few to say more.`;
  const later = left.every(({ leaves }, index) => index === 0 || leaves.progress >= left[index - 1].leaves.progress);
  // A radius that never departs has to be larger than all that do.
  const stays = filtered.slice(0, left.length).every(({ leaves }) => leaves !== null);
  return later && stays
    ? 'The larger the radius is, the later its curve leaves the unfiltered one: the claim shows here.'
    : 'The order of the radii is not the order in which the curves leave the unfiltered one: the claim does not show here.';
}

function frequencySection({ study: { curves, fit, images }, command }) {
  const rows = curves.map(({ radius, runs, curve, leaves }) => {
    const last = curve.at(-1);
    return [
      ...[radius ?? 'unfiltered', runs.length, `${share(last.top1)} (${share(last.low)} to ${share(last.high)})`],
      ...(leaves ? [leaves.step, share(leaves.progress)] : ['–', '–']),
    ];
  });
  const explained = fit && fit.points > 2 && fit.r2 !== null ? `, R² ${fit.r2.toFixed(2)}` : '';
  return [
    `${verdict(curves)} Accuracies are means over seeds on val's ${images} images, with their 95 % intervals. A curve leaves`,
    'the unfiltered one where it is beyond its interval for three evaluations in a row; there are twenty in a run.',
    '',
    ...table(['radius', 'seeds', 'val top-1 at the end', 'leaves at step', 'progress'], rows),
    '',
    ...(fit
      ? [
          `Least squares over ${fit.points} radii: progress = ${fit.intercept.toFixed(3)} + ${fit.slope.toFixed(4)} x radius${explained}.`,
          '',
        ]
      : []),
    ...['Command:', '', '```', command, '```', ''],
  ];
}

const checkpointsSection = ({ study: { views, checkpoints: all, images }, command }) => [
  `### Checkpoints of one run under \`efficienttrain++\`, top-1 on ${images} images of val`,
  '',
  ...table(
    ['progress', ...views],
    all.map(({ progress, views: figures }) => [share(progress), ...views.map((view) => share(figures[view].top1))]),
  ),
  '',
  ...['Command:', '', '```', command, '```', ''],
];

export function section(results) {
  const of = (kind) => results.find((result) => result.kind === kind);
  return [
    '## Frequency study',
    '',
    `${DATASET}, \`${MODEL}\` at ${SIZE} px, ${EPOCHS} equivalent epochs of ordinary training, batch ${BATCH}.`,
    '',
    ...(of('frequency') ? frequencySection(of('frequency')) : []),
    ...(of('checkpoints') ? checkpointsSection(of('checkpoints')) : []),
  ];
}
