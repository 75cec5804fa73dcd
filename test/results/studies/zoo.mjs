/**
 * Measures the gain of the curriculum for each family of the zoo: `efficienttrain++` against `constant` at equal
 * compute on cifar10 at 32 px, with each family's micro model. One seed of the same recipe is trained with PyTorch
 * (peer.py), with the networks of timm and transformers that the parity tests build. `--model swin_micro` measures one
 * family and keeps the other families' results.
 */
import { peerPython } from '../../support/peer-python.mjs';
import { differenceInWords, distinct, percent, table } from '../statistics.mjs';

export const SEEDS = 3;

/** The smallest model of each family, except ViT's, whose patches of 7 px do not divide 32. */
const MODELS = [
  ...['resnet_micro', 'convnext_micro', 'caformer_micro', 'deit_micro'],
  ...['swin_micro', 'cswin_micro', 'pvt_micro', 'pvt_v2_micro'],
];
const PRESETS = ['constant', 'efficienttrain++'];
const SETTINGS = { dataset: 'cifar10', size: 32, epochs: 3, batch: 64, set: [] };
/**
 * The seed with which PyTorch trains, too. One seed is enough to see whether both learn alike, but too few to compare
 * them.
 */
const PEER_SEED = 0;

/** Trains one run. For the peer's seed, PyTorch trains too, with the same learning rates and steps. */
function trained({ sides, machine, epochsScale }, dataset, model, preset, seed) {
  const own = sides.ours({ ...SETTINGS, model, epochs: SETTINGS.epochs * epochsScale }, preset, seed);
  const other = seed === PEER_SEED ? sides.peer(peerPython(), dataset, own, { golden: true }) : null;
  return {
    ...{ model, preset, seed, command: own.command, plan: own.run.plan.totals },
    ours: { top1: own.top1, wall_seconds: own.wall_seconds },
    ...(other && { peer: { top1: other.val_top1, wall_seconds: other.wall_seconds }, versions: other.versions }),
    machine: machine(),
  };
}

export function measure(bench, results, save) {
  const { sides, seeds, model: chosen } = bench;
  const models = MODELS.filter((model) => !chosen || model === chosen);
  if (!models.length) throw new Error(`zoo trains no ${chosen}: its models are ${MODELS.join(', ')}`);
  const dataset = sides.importOnce(SETTINGS.dataset);
  for (const model of models) {
    for (let seed = 0; seed < seeds; seed++) {
      for (const preset of PRESETS) {
        if (results.some((known) => known.model === model && known.preset === preset && known.seed === seed)) continue;
        const result = trained(bench, dataset, model, preset, seed);
        results.push(result);
        save();
        const side = ({ top1, wall_seconds: seconds }) => `${(100 * top1).toFixed(1)} % in ${seconds.toFixed(0)} s`;
        const other = result.peer ? `, PyTorch ${side(result.peer)}` : '';
        console.log(`${model} ${preset} seed ${seed}: ours ${side(result.ours)}${other}`);
      }
    }
  }
}

const HEADER = ['model', 'seeds', 'constant', 'efficienttrain++', 'PyTorch: constant', 'PyTorch: efficienttrain++'];

/** Returns the differences of the two presets for the seeds that both have. */
function differencesOf(results) {
  return results
    .filter(({ preset }) => preset === 'efficienttrain++')
    .flatMap(({ seed, ours }) => {
      const same = results.find((other) => other.preset === 'constant' && other.seed === seed);
      return same ? [ours.top1 - same.ours.top1] : [];
    });
}

function rowOf(model, results) {
  const of = (preset) => results.filter((result) => result.preset === preset);
  const cell = (values) => (values.length ? percent(values) : '–');
  const ours = PRESETS.map((preset) => cell(of(preset).map((result) => result.ours.top1)));
  const peers = PRESETS.map((preset) => cell(of(preset).flatMap(({ peer }) => (peer ? [peer.top1] : []))));
  return [`\`${model}\``, Math.max(...PRESETS.map((preset) => of(preset).length)), ...ours, ...peers];
}

export function section(results) {
  const measured = MODELS.map((model) => [model, results.filter((result) => result.model === model)]).filter(
    ([, own]) => own.length,
  );
  const versions = (name) => distinct(results.flatMap((result) => (result.versions ? [result.versions[name]] : [])));
  const [{ command }] = results;
  return [
    '## Every family under the curriculum',
    '',
    `cifar10 at ${SETTINGS.size} px, each family's micro model and its own recipe, ${SETTINGS.epochs} equivalent epochs: \`constant\` and`,
    '`efficienttrain++` cost the same compute. Validation top-1 of the last step. PyTorch has one seed, with the same schedule,',
    `learning rates and number of steps, and its own data pipeline and random draws (torch ${versions('torch')}, timm ${versions('timm')}); it shows`,
    'whether both learn alike, and one seed is too few for more. So short a run says nothing of 200 epochs of ImageNet.',
    '',
    ...table(
      HEADER,
      measured.map(([model, own]) => rowOf(model, own)),
    ),
    '',
    ...measured.flatMap(([model, own]) => {
      const differences = differencesOf(own);
      return differences.length
        ? [`- ${differenceInWords(`\`${model}\`, efficienttrain++`, 'constant', differences)}`]
        : [];
    }),
    '',
    ...['Command of the first run:', '', '```', command, '```', ''],
  ];
}
