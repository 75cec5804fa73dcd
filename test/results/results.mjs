/**
 * `npm run results`: trains `efficienttrain++` and `constant` with this program and the same recipe with PyTorch + timm (peer.py), several seeds each,
 * alternating, and writes docs/results.md from docs/results.json, where every finished pair is kept. Options: --seeds 5, --only flowers|cifar10,
 * --epochs-scale 1, --reuse (keep the pairs that docs/results.json holds and measure what is missing).
 * Needs ../shared/data and Python 3 (PYTHON_WITH_TORCH, or a virtual environment is made in the user's cache).
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { peerPython } from '../support/peer-python.mjs';
import { writeReport } from './report.mjs';
import { data, sidesIn } from './sides.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { values: options } = parseArgs({
  options: {
    seeds: { type: 'string', default: '5' },
    only: { type: 'string' },
    'epochs-scale': { type: 'string', default: '1' },
    reuse: { type: 'boolean', default: false },
  },
});
const work = join(tmpdir(), 'efficienttrain-results');
const THREADS = 2;

/** What is trained. The recipe is the published one for ResNet, at a learning rate that suits small batches; seeds 0 .. n - 1. */
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
  { id: 'cifar10-deit_micro', dataset: 'cifar10', model: 'deit_micro', size: 32, epochs: 4, batch: 64, set: [] },
];
const PRESETS = ['constant', 'efficienttrain++'];

/** One run of each side, ours first, and how busy the machine was with both: its load average of the last five minutes. */
function pair(sides, interpreter, dataset, example, preset, seed) {
  const scaled = { ...example, epochs: example.epochs * Number(options['epochs-scale']) };
  const own = sides.ours(scaled, preset, seed);
  const other = sides.peer(interpreter, dataset, own);
  return {
    command: own.command,
    plan: own.run.plan.totals,
    ours: { top1: own.top1, wall_seconds: own.wall_seconds },
    peer: { top1: other.val_top1, wall_seconds: other.wall_seconds },
    machine: { date: new Date().toISOString().slice(0, 10), cpu: cpus()[0].model.trim(), threads: THREADS, load: loadavg()[1] },
    versions: other.versions,
  };
}

function main() {
  if (!existsSync(data)) throw new Error(`${data} is not there: the measurements need its images`);
  rmSync(work, { recursive: true, force: true });
  const sides = sidesIn(work, THREADS);
  const interpreter = peerPython();
  const cases = CASES.filter(({ dataset }) => !options.only || dataset === options.only);
  const kept = join(root, 'docs', 'results.json');
  const results = options.reuse && existsSync(kept) ? JSON.parse(readFileSync(kept, 'utf8')) : [];
  for (let seed = 0; seed < Number(options.seeds); seed++) {
    for (const example of cases) {
      const dataset = sides.importOnce(example.dataset);
      for (const preset of PRESETS) {
        if (results.some((result) => result.case === example.id && result.preset === preset && result.seed === seed)) continue;
        const result = { case: example.id, preset, seed, ...pair(sides, interpreter, dataset, example, preset, seed) };
        results.push(result);
        writeFileSync(kept, `${JSON.stringify(results, null, 2)}\n`);
        console.log(
          `${example.id} ${preset} seed ${seed}: ours ${(100 * result.ours.top1).toFixed(1)} % in ${result.ours.wall_seconds.toFixed(0)} s, PyTorch ${(100 * result.peer.top1).toFixed(1)} % in ${result.peer.wall_seconds.toFixed(0)} s`,
        );
        writeReport(join(root, 'docs', 'results.md'), results, CASES);
      }
    }
  }
}

main();
