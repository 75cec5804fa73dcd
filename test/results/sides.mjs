/**
 * One training run on each side: this program's by its command line, and the same recipe with PyTorch + timm (peer.py).
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const program = join(root, 'bin', 'efficienttrain.mjs');
/** Photographs with which the runs train. */
export const data = join(root, '..', 'shared', 'data');

function run(command, args, env) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 30, env });
  if (status !== 0)
    throw new Error(`${command} ${args.slice(0, 4).join(' ')} failed:\n${stdout.slice(-2000)}${stderr.slice(-2000)}`);
  return stdout;
}

/** Returns the fields from which reference.py builds a model. */
function goldenCase(id) {
  const folder = join(root, 'test', 'golden', 'models', 'cases');
  const cases = readdirSync(folder).flatMap((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')));
  const { family, timm, network } = cases.find((each) => each.id === id);
  return { id, family, timm, network };
}

/**
 * Returns both sides.
 * @param work folder for the data folder and the files that the sides exchange
 * @param threads number of threads of each side
 */
export function sidesIn(work, threads) {
  const home = join(work, 'home');
  mkdirSync(work, { recursive: true });
  const cli = (...args) =>
    JSON.parse(
      run(process.execPath, [program, ...args, '--json', '--home', home], {
        ...process.env,
        OMP_NUM_THREADS: undefined,
      }),
    );

  return {
    cli,

    importOnce(name) {
      const known = cli('datasets').datasets.find((dataset) => dataset.name === name);
      if (known) return known;
      return cli('import', join(data, name), '--name', name, ...(name === 'flowers' ? ['--exclude-leaks'] : []))
        .dataset;
    },

    ours({ dataset, model, size, epochs, batch, set }, preset, seed) {
      const fields = [`engine.intra_op_threads=${threads}`, 'eval.every=1000', ...set];
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
        epochs,
      ];
      const command = [...args, '--batch', batch, '--seed', seed, ...fields.flatMap((field) => ['--set', field])].map(
        String,
      );
      const { run: made } = cli(...command);
      const { series } = cli('metrics', made.id);
      const { stages } = cli('show', made.id).run;
      const top1 = series['val/top1'].at(-1)[1];
      return {
        command: `efficienttrain ${command.join(' ')}`,
        run: made,
        series,
        stages,
        top1,
        wall_seconds: made.wall_seconds,
      };
    },

    /**
     * Trains the same recipe in PyTorch.
     * @param own the result of `ours`: the same configuration, files, learning rates and evaluations
     * @param options `golden`: the network is the one of the parity tests (test/golden/models/families)
     */
    peer(interpreter, dataset, { run: made, series }, { golden = false } = {}) {
      const index = cli('datasets', 'files', dataset.id);
      const job = {
        ...{
          config: made.config,
          stages: made.plan.stages.map((stage) => ({ ...stage, firstStep: stage.first_step })),
        },
        ...{ classes: dataset.classes.length, train: index.files.train, val: index.files.val, threads, workers: 2 },
        case: golden ? goldenCase(made.model) : null,
        timm: cli('models').models.find(({ id }) => id === made.model).timm_args,
        learning_rates: series.lr.map(([, value]) => value),
        evaluate_after: series['val/top1'].map(([step]) => step),
      };
      const [jobFile, outFile] = [join(work, 'job.json'), join(work, 'out.json')];
      writeFileSync(jobFile, JSON.stringify(job));
      const script = fileURLToPath(new URL('peer.py', import.meta.url));
      run(interpreter, [script, jobFile, outFile], { ...process.env, OMP_NUM_THREADS: String(threads) });
      return JSON.parse(readFileSync(outFile, 'utf8'));
    },
  };
}
