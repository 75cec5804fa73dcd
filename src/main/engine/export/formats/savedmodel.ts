import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadBackend, loadBinding } from '../../backend/load';
import { DTYPE, type GraphNode, type GraphSignature } from '../../capture/graph';
import { encodeSavedModel } from '../../capture/encode';
import { applyPasses, passes } from '../../capture/passes';
import { freeBatch } from '../../capture/passes/free-batch';
import { freeze } from '../../capture/passes/freeze';
import { traceProgram } from '../../capture/tracer';
import { AppError } from '../../../../shared/errors';
import { noteOf, type Exporter } from '../export-job';
import { servingProgram } from '../infer';


const INPUT = 'serving_default/images';
const OUTPUT = 'serving_default/out/probabilities';
const NOTE = 'efficienttrain_studio.json';

export const exporter: Exporter = {
  id: 'savedmodel',
  output: 'probabilities',
  write: (job, folder) => {
    const { tf, backend } = loadBackend();
    if (!backend) throw new AppError({ code: 'engine_unavailable', what: 'A SavedModel needs the TensorFlow engine.', why: "This machine runs on tfjs's CPU backend.", next: 'Run `efficienttrain doctor`, or export as safetensors.' });
    const traced = traceProgram(servingProgram(job.model, noteOf(job)), tf, backend);
    const { serving_default } = traced.signatures as { serving_default: GraphSignature };
    const free = (ends: GraphSignature['inputs']): GraphSignature['inputs'] => Object.fromEntries(Object.entries(ends).map(([key, end]) => [key, { ...end, shape: [-1, ...end.shape.slice(1)] }]));
    const alone = { ...traced, signatures: { serving_default } };
    const { nodes } = applyPasses(alone, [...passes, freeze(job.values), ...passes.slice(-1), freeBatch(INPUT)]);
    mkdirSync(join(folder, 'variables'), { recursive: true });
    const served = { serving_default: { inputs: free(serving_default.inputs), outputs: free(serving_default.outputs) } };
    writeFileSync(join(folder, 'saved_model.pb'), encodeSavedModel({ nodes: nodes satisfies GraphNode[], signatures: served }));
    writeFileSync(join(folder, NOTE), `${JSON.stringify({ ...noteOf(job), label_names: job.classes }, null, 2)}\n`);
  },
  run: (folder, images, count) => {
    const { size, num_classes } = JSON.parse(readFileSync(join(folder, NOTE), 'utf8')) as { size: number; num_classes: number };
    const binding = loadBinding();
    const session = binding.loadSavedModel(folder, 'serve');
    const out = new Float32Array(count * num_classes);
    const pixels = size * size * 3;
    // Two batch sizes, so that the free batch is seen to be free.
    for (let from = 0, rows = 1; from < count; from += rows, rows = Math.min(16, count - from)) {
      const id = binding.createTensor([rows, size, size, 3], DTYPE.uint8, images.slice(from * pixels, (from + rows) * pixels));
      const [result] = binding.runSavedModel(session, [id], `${INPUT}:0`, `${OUTPUT}:0`);
      if (!result) throw new Error('the SavedModel gave nothing');
      out.set(binding.tensorDataSync(result.id) as Float32Array, from * num_classes);
      binding.deleteTensor(id);
      binding.deleteTensor(result.id);
    }
    binding.deleteSavedModel(session);
    return out;
  },
  usage: ({ config }) =>
    ['```python', 'import tensorflow as tf', '', "model = tf.saved_model.load('.').signatures['serving_default']", `# uint8 [N, ${config.size}, ${config.size}, 3], resized and cropped; normalisation is inside`, "probabilities = model(images=tf.constant(images))['probabilities']", '```'].join('\n'),
};
