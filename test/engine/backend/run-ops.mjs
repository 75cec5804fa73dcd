/**
 * Runs ops by the addon alone, in a process whose environment chooses instruction set and threads: `run-ops.mjs ADDON
 * CALLS VALUES RESULTS`. CALLS is JSON with `{op, attrs, inputs: [{shape, dtype}], outputs}` of each op. VALUES has the
 * 32-bit numbers of all inputs in order, and RESULTS gets those of all results.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const [addon, calls, values, results] = process.argv.slice(2);
const binding = createRequire(import.meta.url)(addon);
const bytes = readFileSync(values);
const numbers = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
let at = 0;

const made = JSON.parse(readFileSync(calls, 'utf8')).flatMap(({ op, attrs, inputs, outputs }) => {
  const ids = inputs.map(({ shape, dtype }) => {
    const length = shape.reduce((size, side) => size * side, 1);
    const Numbers = dtype === 'int32' ? Int32Array : Float32Array;
    const id = binding.createTensor(
      shape,
      dtype === 'int32' ? binding.TF_INT32 : binding.TF_FLOAT,
      new Numbers(numbers, at, length),
    );
    at += 4 * length;
    return id;
  });
  const found = binding
    .executeOp(op, attrs, ids, outputs)
    .map(({ id }) => Buffer.from(Float32Array.from(binding.tensorDataSync(id)).buffer));
  return found;
});
writeFileSync(results, Buffer.concat(made));
