/**
 * `node test/results/positions.mjs`: pre-trains a masked autoencoder under a curriculum, with position embeddings
 * computed anew for each small grid and with ones resampled from the final grid, the same seeds for both, and prints
 * the results. Options: --only flowers|cifar10, --seeds 3, --epochs 10, --threads 2. It needs ../shared/data. Figures
 * depend on no clock, so the machine may be busy.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { sidesIn } from './sides.mjs';

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    seeds: { type: 'string', default: '3' },
    epochs: { type: 'string', default: '10' },
    threads: { type: 'string', default: '2' },
  },
});
const [MODEL, SIZE, PRESET] = ['mae_vit_micro_patch4', 32, 'efficienttrain++'];
const MODES = ['recount', 'resample'];
/** Compared series, where a run has recorded them. */
const SERIES = ['val/loss', 'val/knn_top1'];

function pretrain({ cli }, dataset, positions, seed) {
  const own = { 'mae.positions': positions, 'engine.intra_op_threads': options.threads, 'eval.every': 1000 };
  const set = Object.entries(own).flatMap(([field, value]) => ['--set', `${field}=${value}`]);
  const flags = { dataset, task: 'mae', model: MODEL, preset: PRESET, size: SIZE, epochs: options.epochs, seed };
  const { run } = cli(
    'train',
    ...Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, String(value)]),
    ...set,
  );
  const { series } = cli('metrics', run.id);
  return Object.fromEntries(SERIES.flatMap((name) => (series[name] ? [[name, series[name].at(-1)[1]]] : [])));
}

function spread(values) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return `${mean.toFixed(4)} +- ${Math.sqrt(variance).toFixed(4)}`;
}

/** Prints mean and standard deviation of the difference within each pair of runs of one seed. */
function report(dataset, pairs) {
  for (const name of SERIES.filter((series) => pairs.every((pair) => MODES.every((mode) => series in pair[mode])))) {
    const of = (mode) => pairs.map((pair) => pair[mode][name]);
    const difference = pairs.map((pair) => pair.resample[name] - pair.recount[name]);
    const reached = MODES.map((mode) => `${mode} ${spread(of(mode))}`).join(', ');
    console.log(`${dataset}, ${name}: ${reached}, resample - recount ${spread(difference)} over ${pairs.length} seeds`);
  }
}

const work = mkdtempSync(join(tmpdir(), 'efficienttrain-positions-'));
try {
  const sides = sidesIn(work, Number(options.threads));
  for (const dataset of ['flowers', 'cifar10'].filter((name) => !options.only || name === options.only)) {
    sides.importOnce(dataset);
    const pairs = Array.from({ length: Number(options.seeds) }, (_, seed) => {
      const pair = Object.fromEntries(MODES.map((mode) => [mode, pretrain(sides, dataset, mode, seed)]));
      console.log(`${dataset} seed ${seed}: ${JSON.stringify(pair)}`);
      return pair;
    });
    report(dataset, pairs);
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
