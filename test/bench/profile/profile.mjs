/**
 * `npm run profile`: prints the time of a training step, or of an evaluation's batch, op by op: ours by TensorFlow's
 * tracer, PyTorch's by its own. --help lists the options. The peer is found as for `npm run bench`.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cacheFolder, KERNELS } from '../../../scripts/engine/cache.mjs';
import { peerPython } from '../../support/peer-python.mjs';
import { runTypeScript } from '../support/run-typescript.mjs';

const here = import.meta.dirname;
const USAGE = `npm run profile -- [OPTIONS]

Prints the time of a training step op by op, ours beside PyTorch's. The environment variable PYTHON_WITH_TENSORFLOW
has to name a Python that has tensorflow-cpu==2.21.0, whose tracer runs our captured graph.

  --model NAME     the model (default deit_tiny_patch16_224; efficienttrain models lists them)
  --bandwidth PX   side of the images of the step (default 224)
  --batch N        images of a step (default 16)
  --threads N      threads of both sides (default 2, or 1 on a machine with one)
  --autocast       products in bfloat16
  --evaluate       an evaluation's batch instead of a training step
  --shapes         also our ops by the shapes of their inputs`;

/** Prints what is wrong with the command line, then the usage, and ends. */
function refuse(message) {
  console.error(`${message}\n\n${USAGE}`);
  return process.exit(2);
}

function commandLine() {
  try {
    return parseArgs({
      options: {
        help: { type: 'boolean', default: false },
        model: { type: 'string', default: 'deit_tiny_patch16_224' },
        bandwidth: { type: 'string', default: '224' },
        batch: { type: 'string', default: '16' },
        threads: { type: 'string', default: String(Math.min(2, cpus().length)) },
        autocast: { type: 'boolean', default: false },
        evaluate: { type: 'boolean', default: false },
        shapes: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    return refuse(error.message);
  }
}

const values = commandLine();
if (values.help) {
  console.log(USAGE);
  process.exit();
}
const [bandwidth, batch, threads] = ['bandwidth', 'batch', 'threads'].map((name) => {
  const number = Number(values[name]);
  return Number.isInteger(number) && number > 0
    ? number
    : refuse(`--${name} ${values[name]} is not a whole number above 0.`);
});
const tensorflow = process.env.PYTHON_WITH_TENSORFLOW;
if (!tensorflow) refuse('PYTHON_WITH_TENSORFLOW names no Python with tensorflow-cpu==2.21.0.');
const { model, autocast } = values;
const { checkCase } = await runTypeScript(join(here, 'check-case.ts'));
try {
  checkCase(model, bandwidth);
} catch (error) {
  refuse([error.message, error.why, error.next].join(' '));
}
const common = { model, bandwidth, size: Math.max(224, bandwidth), batch, threads, autocast };

function run(command, args, input) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', input, maxBuffer: 1 << 28 });
  if (error) throw new Error(`${command} could not be started: ${error.message}`);
  if (status !== 0) throw new Error(`${command} ${args[0]} ended with ${status}:\n${stderr.slice(-3000)}`);
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
}

function print(title, ops) {
  const sum = ops.reduce((total, [, ms]) => total + ms, 0);
  console.log(`\n${title}: ops ${sum.toFixed(0)} ms ${values.evaluate ? 'a batch' : 'a step'}, all threads together`);
  for (const [op, ms, calls] of ops)
    console.log(
      `${ms.toFixed(1).padStart(9)} ms ${(100 * (ms / sum)).toFixed(1).padStart(5)} %  ${op}${calls ? ` x ${Math.round(calls)}` : ''}`,
    );
}

const folder = mkdtempSync(join(tmpdir(), 'efficienttrain-profile-'));
try {
  const runner = join(here, '..', 'support', 'run-typescript.mjs');
  const act = values.evaluate ? 'evaluations' : 'steps';
  run(process.execPath, [runner, join(here, 'capture.ts'), JSON.stringify(common), act, folder]);
  const [ours] = run(tensorflow, [join(here, 'profile.py'), folder, String(threads), join(cacheFolder(), KERNELS)]);
  console.log(`${model} at ${bandwidth} px, batch ${batch}, ${threads} threads: ours ${ours.ms.toFixed(0)} ms`);
  print('Ours', ours.ops);
  if (values.shapes) print('Ours by shape', ours.shapes);
  const settings = { channels_last: !model.includes('deit'), compile: false };
  const asked = `{"${act}": 2}\n{"profile": "${act}", "times": 3}\n`;
  const [, { ops }] = run(
    peerPython(),
    [join(here, '..', 'step', 'peer.py'), JSON.stringify({ ...common, ...settings })],
    asked,
  );
  print('PyTorch', ops);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
