/**
 * `npm run results`: trains `efficienttrain++` and `constant` with this program and the same recipe with PyTorch + timm (peer.py), several seeds each,
 * alternating, and writes docs/results.md from docs/results.json, where every finished pair is kept. Options: --seeds 5, --only flowers|cifar10,
 * --epochs-scale 1, --reuse (keep the pairs that docs/results.json holds and measure what is missing).
 * Needs ../shared/data and Python 3 (PYTHON_WITH_TORCH, or a virtual environment is made in the user's cache).
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { peerPython } from '../support/peer-python.mjs';
import { writeReport } from './report.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const data = join(root, '..', 'shared', 'data');
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

function run(command, args, extra = {}) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 30, ...extra });
  if (status !== 0)
    throw new Error(`${command} ${args.slice(0, 4).join(' ')} failed:\n${stdout.slice(-2000)}${stderr.slice(-2000)}`);
  return stdout;
}

const home = join(work, 'home');
const cli = (...args) =>
  JSON.parse(
    run(process.execPath, [join(root, 'bin', 'efficienttrain.mjs'), ...args, '--json', '--home', home], {
      env: { ...process.env, OMP_NUM_THREADS: undefined },
    }),
  );

function importOnce(name) {
  const known = cli('datasets').datasets.find((dataset) => dataset.name === name);
  if (known) return known;
  return cli('import', join(data, name), '--name', name, ...(name === 'flowers' ? ['--exclude-leaks'] : [])).dataset;
}

function ours({ dataset, model, size, epochs, batch, set }, preset, seed) {
  const args = [
    'train',
    '--dataset',
    dataset,
    '--model',
    model,
    '--preset',
    preset,
    '--size',
    size,
    '--epochs',
    epochs * Number(options['epochs-scale']),
    '--batch',
    batch,
    '--seed',
    seed,
    '--set',
    `engine.intra_op_threads=${THREADS}`,
    '--set',
    'eval.every=1000',
  ];
  const command = [...args, ...set.flatMap((field) => ['--set', field])].map(String);
  const { run: made } = cli(...command);
  const { series } = cli('metrics', made.id);
  const top1 = series['val/top1'].at(-1)[1];
  return { command: `efficienttrain ${command.join(' ')}`, run: made, series, top1, wall_seconds: made.wall_seconds };
}

function peer(interpreter, dataset, { run: made, series }) {
  const index = JSON.parse(
    run(process.execPath, [join(root, 'bin', 'efficienttrain.mjs'), 'datasets', 'files', dataset.id, '--json', '--home', home]),
  );
  const models = cli('models').models;
  const stages = made.plan.stages.map((stage) => ({ ...stage, firstStep: stage.first_step }));
  const job = {
    config: made.config,
    stages,
    classes: dataset.classes.length,
    train: index.files.train,
    val: index.files.val,
    threads: THREADS,
    workers: 2,
    timm: models.find(({ id }) => id === made.model).timm_args,
    learning_rates: series.lr.map(([, value]) => value),
  };
  const [jobFile, outFile] = [join(work, 'job.json'), join(work, 'out.json')];
  writeFileSync(jobFile, JSON.stringify(job));
  run(interpreter, [join(root, 'test', 'results', 'peer.py'), jobFile, outFile], {
    env: { ...process.env, OMP_NUM_THREADS: String(THREADS) },
  });
  return JSON.parse(readFileSync(outFile, 'utf8'));
}

/** One run of each side, ours first, and how busy the machine was with both: its load average of the last five minutes. */
function pair(interpreter, dataset, example, preset, seed) {
  const own = ours(example, preset, seed);
  const other = peer(interpreter, dataset, own);
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
  mkdirSync(work, { recursive: true });
  const interpreter = peerPython();
  const cases = CASES.filter(({ dataset }) => !options.only || dataset === options.only);
  const kept = join(root, 'docs', 'results.json');
  const results = options.reuse && existsSync(kept) ? JSON.parse(readFileSync(kept, 'utf8')) : [];
  for (let seed = 0; seed < Number(options.seeds); seed++) {
    for (const example of cases) {
      const dataset = importOnce(example.dataset);
      for (const preset of PRESETS) {
        if (results.some((result) => result.case === example.id && result.preset === preset && result.seed === seed)) continue;
        const result = { case: example.id, preset, seed, ...pair(interpreter, dataset, example, preset, seed) };
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
