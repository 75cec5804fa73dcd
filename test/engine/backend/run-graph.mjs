/**
 * Runs a captured graph's `step` by the addon alone, in a process that may be short of memory: `run-graph.mjs ADDON
 * FOLDER [TIMES [MIB]]`, with MIB of address space left. Every input is filled with 0.001. It prints a line of JSON
 * with each run's results or its error.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [addon, folder, times = '1', left] = process.argv.slice(2);
const binding = createRequire(import.meta.url)(addon);
const { inputs, outputs } = JSON.parse(readFileSync(join(folder, 'signatures.json'), 'utf8')).signatures.step;
const session = binding.loadSavedModel(folder, 'serve');
const ids = Object.values(inputs).map(({ shape }) =>
  binding.createTensor(
    shape,
    binding.TF_FLOAT,
    new Float32Array(shape.reduce((product, side) => product * side, 1)).fill(0.001),
  ),
);
const refs = (ends) =>
  Object.values(ends)
    .map(({ ref }) => (ref.includes(':') ? ref : `${ref}:0`))
    .join(',');

if (left !== undefined) {
  const kib = Number(/VmSize:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
  const { status } = spawnSync('prlimit', [
    '--pid',
    `${process.pid}`,
    `--as=${kib * 1024 + Number(left) * 2 ** 20}:unlimited`,
  ]);
  if (status !== 0) throw new Error('prlimit can not be used');
}
const runs = Array.from({ length: Number(times) }, () => {
  try {
    const results = binding.runSavedModel(session, ids, refs(inputs), refs(outputs));
    return results.map(({ id }) => Array.from(binding.tensorDataSync(id).slice(0, 4)));
  } catch (error) {
    return error.message;
  }
});
console.log(JSON.stringify(runs));
