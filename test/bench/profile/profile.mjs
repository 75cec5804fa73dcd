/**
 * `npm run profile -- [--model deit_tiny_patch16_224] [--bandwidth 224] [--batch 16] [--autocast] [--evaluate]
 * [--shapes]`: prints the time of a training step, or with --evaluate of an evaluation's batch, op by op: ours by
 * TensorFlow's tracer, PyTorch's by its own. It needs PYTHON_WITH_TENSORFLOW (tensorflow-cpu==2.21.0); the peer is
 * found as for `npm run bench`.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cacheFolder, KERNELS } from '../../../scripts/engine/cache.mjs';
import { peerPython } from '../../support/peer-python.mjs';

const here = import.meta.dirname;
const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'deit_tiny_patch16_224' },
    bandwidth: { type: 'string', default: '224' },
    batch: { type: 'string', default: '16' },
    threads: { type: 'string', default: String(Math.min(2, cpus().length)) },
    autocast: { type: 'boolean', default: false },
    evaluate: { type: 'boolean', default: false },
    shapes: { type: 'boolean', default: false },
  },
});
const tensorflow = process.env.PYTHON_WITH_TENSORFLOW;
if (!tensorflow) {
  console.error(
    'PYTHON_WITH_TENSORFLOW has to name a Python that has tensorflow-cpu==2.21.0: its tracer runs the captured graph.',
  );
  process.exit(2);
}
const { model, autocast } = values;
const [bandwidth, batch, threads] = [values.bandwidth, values.batch, values.threads].map(Number);
const common = { model, bandwidth, size: Math.max(224, bandwidth), batch, threads, autocast };

function run(command, args, input) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', input, maxBuffer: 1 << 28 });
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
} finally {
  rmSync(folder, { recursive: true, force: true });
}
