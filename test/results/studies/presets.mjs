/**
 * Compares `efficienttrain++` with `constant` at equal compute, in this program and with the same recipe in PyTorch +
 * timm (peer.py).
 */
import { loadavg } from 'node:os';
import { peerPython } from '../../support/peer-python.mjs';
import { distinct, mean, median, percent, table } from '../statistics.mjs';

export const SEEDS = 5;

/** The trained cases. The recipe is the published one for ResNet, at a learning rate that suits small batches. */
const CASES = [
  {
    id: 'flowers-resnet18',
    dataset: 'flowers',
    model: 'resnet18',
    size: 128,
    epochs: 6,
    batch: 32,
    set: ['optimizer.base_lr=0.128', 'data.scale=[0.35,1]', 'data.mixup=0', 'data.cutmix=0', 'data.reprob=0'],
  },
  { id: 'cifar10-resnet_micro', dataset: 'cifar10', model: 'resnet_micro', size: 32, epochs: 4, batch: 64, set: [] },
  {
    id: 'cifar10-deit_micro',
    dataset: 'cifar10',
    model: 'deit_micro',
    size: 32,
    epochs: 4,
    batch: 64,
    set: ['optimizer.base_lr=0.256'],
  },
];
const PRESETS = ['constant', 'efficienttrain++'];

/** Trains one run of each side, ours first, and records the machine's load average of the last five minutes. */
function pair({ sides, machine }, interpreter, dataset, example, preset, seed) {
  const own = sides.ours(example, preset, seed);
  const other = sides.peer(interpreter, dataset, own);
  return {
    command: own.command,
    plan: own.run.plan.totals,
    ours: { top1: own.top1, wall_seconds: own.wall_seconds },
    peer: { top1: other.val_top1, wall_seconds: other.wall_seconds },
    machine: { ...machine(), load: loadavg()[1] },
    versions: other.versions,
  };
}

/** Adds each finished pair to `results`, which holds those that need no second run, and calls `save`. */
export function measure(bench, results, save) {
  const { sides, only, seeds, epochsScale } = bench;
  const interpreter = peerPython();
  for (let seed = 0; seed < seeds; seed++) {
    for (const example of CASES.filter(({ dataset }) => !only || dataset === only)) {
      const dataset = sides.importOnce(example.dataset);
      const scaled = { ...example, epochs: example.epochs * epochsScale };
      for (const preset of PRESETS) {
        if (results.some((result) => result.case === example.id && result.preset === preset && result.seed === seed))
          continue;
        const result = { case: example.id, preset, seed, ...pair(bench, interpreter, dataset, scaled, preset, seed) };
        results.push(result);
        save();
        const side = ({ top1, wall_seconds: seconds }) => `${(100 * top1).toFixed(1)} % in ${seconds.toFixed(0)} s`;
        console.log(`${example.id} ${preset} seed ${seed}: ours ${side(result.ours)}, PyTorch ${side(result.peer)}`);
      }
    }
  }
}

/** Load average of two training processes and their loaders; above it another program ran beside them. */
const QUIET_LOAD = 4;

/** Returns wall times and their ratio, of pairs beside which no other program ran. */
function times(pairs) {
  if (!pairs.length) return ['–', '–', '–'];
  const wall = (side) => `${mean(pairs.map((result) => result[side].wall_seconds)).toFixed(0)} s`;
  const ratios = pairs.map(({ ours, peer }) => peer.wall_seconds / ours.wall_seconds);
  const of = pairs.length === 1 ? 'one pair' : `${pairs.length} pairs`;
  return [
    wall('ours'),
    wall('peer'),
    `${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}, ${of})`,
  ];
}

const HEADER = [
  'preset',
  'seeds',
  'passes',
  'ours: val top-1',
  'PyTorch + timm: val top-1',
  'ours: wall',
  'PyTorch: wall',
  'PyTorch / ours (median, range)',
];

function caseSection({ id, model, size, dataset }, results) {
  const of = (preset) => results.filter((result) => result.case === id && result.preset === preset);
  const { equivalent_epochs: epochs } = results.find((result) => result.case === id).plan;
  const rows = PRESETS.filter((preset) => of(preset).length).map((preset) => {
    const found = of(preset);
    return [
      ...[preset, found.length, found[0].plan.passes.toFixed(1)],
      ...[percent(found.map(({ ours }) => ours.top1)), percent(found.map(({ peer }) => peer.top1))],
      ...times(found.filter(({ machine }) => machine.load < QUIET_LOAD)),
    ];
  });
  const lines = [
    `### ${dataset}, \`${model}\` at ${size} px, ${Math.round(epochs)} equivalent epochs`,
    '',
    ...table(HEADER, rows),
  ];
  const [constant, efficient] = [of('constant'), of('efficienttrain++')];
  const pairs = efficient.flatMap((result) => {
    const same = constant.find(({ seed }) => seed === result.seed);
    return same ? [result.ours.top1 - same.ours.top1] : [];
  });
  if (pairs.length) {
    const gain = 100 * mean(pairs);
    const few =
      pairs.length < 5 ? `; ${pairs.length === 1 ? 'one seed' : `${pairs.length} seeds`}, so an indication only` : '';
    lines.push(
      '',
      `At the same compute the curriculum is ${Math.abs(gain).toFixed(1)} points ${gain >= 0 ? 'better' : 'worse'} than ordinary training here (same seeds${few}).`,
    );
  }
  const example = efficient[0] ?? constant[0];
  if (example) lines.push('', `Command (seed ${example.seed}):`, '', '```', example.command, '```');
  return [...lines, ''];
}

export function section(results) {
  const versions = (name) => distinct(results.map((result) => result.versions[name]));
  return [
    '## The curriculum against ordinary training, beside PyTorch + timm',
    '',
    `torch ${versions('torch')}, timm ${versions('timm')}, float32.`,
    '"Ours" and PyTorch + timm train the same network with the same schedule, learning rates, augmentation settings and',
    'number of steps, each with its own data pipeline and random draws. They alternate, ours first. Accuracies are those of',
    'the last step. Wall is start of training to the end of the last evaluation; ours also evaluates and may save a',
    'checkpoint at the end of each stage, of which the peer has only the last.',
    `Times count only pairs that little else ran beside (load average below ${QUIET_LOAD}); they are best read as ratios.`,
    '',
    '`constant` and `efficienttrain++` cost the same compute ("equivalent epochs"): what the curriculum buys is accuracy at',
    'that compute.',
    '',
    ...CASES.filter(({ id }) => results.some((result) => result.case === id)).flatMap((example) =>
      caseSection(example, results),
    ),
  ];
}
