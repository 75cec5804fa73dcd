/**
 * TensorFlow SavedModel: uint8 images in, probabilities out (features, where there are no classes), with normalisation
 * inside, weights frozen into the graph, and any batch size.
 */
import { join } from 'node:path';
import { loadBackend, loadBinding } from '../../backend/load';
import { encodeSavedModel } from '../../capture/encode';
import type { Graph, GraphSignature } from '../../capture/graph';
import { applyPasses } from '../../capture/passes';
import { CapturedExecutor } from '../../capture/session';
import { traceProgram } from '../../capture/tracer';
import { modelEntry } from '../../models';
import { plainView } from '../../tasks/view';
import type { Program, Tensor, TensorInfo } from '../../types';
import type { ExportFormat, ExportInput, ReloadedExport, ReloadOptions } from '../format';
import { freeBatch, TRACE_BATCHES } from '../free-batch';
import { freezeVariables } from '../freeze';
import { readManifest } from '../manifest';
import { python } from '../python';
import { asJson, writeExportFile } from '../write-file';

/** The signature that TensorFlow Serving and `saved_model_cli` use by default. */
const SIGNATURE = 'serving_default';
const INPUT = `${SIGNATURE}/images`;
const output = (name: string): string => `${SIGNATURE}/out/${name}`;

function inferenceProgram({ model, preprocessing }: ExportInput, batch: number): Program {
  const { size, mean, std } = preprocessing;
  return {
    variables: Object.fromEntries(
      model.params.map(({ name, shape }): [string, TensorInfo] => [name, { shape, dtype: 'float32' }]),
    ),
    signatures: {
      [SIGNATURE]: {
        inputs: { images: { shape: [batch, size, size, 3], dtype: 'uint8' } },
        body: (context, { images }) => {
          const x = plainView(context, images as Tensor, size, { size, mean, std, lowFrequencyMode: 'crop' });
          const outputs = model.forward(context, x, { training: false });
          return model.options.num_classes
            ? { probabilities: context.tf.softmax(outputs), logits: outputs }
            : { features: outputs };
        },
      },
    },
  };
}

function trace(input: ExportInput, batch: number): Graph {
  const { tf, backend } = loadBackend();
  if (!backend) throw new Error('a trace needs the TensorFlow backend');
  const graph = traceProgram(inferenceProgram(input, batch), tf, backend);
  return { ...graph, signatures: { [SIGNATURE]: graph.signatures[SIGNATURE] as GraphSignature } };
}

/** Writes the SavedModel. @throws AppError engine_unavailable without libtensorflow */
function write(folder: string, input: ExportInput): void {
  loadBinding();
  const [a, b, c] = TRACE_BATCHES;
  const free = freeBatch([trace(input, a), trace(input, b), trace(input, c)], INPUT);
  const { nodes, signatures } = applyPasses({
    ...free,
    nodes: freezeVariables(free.nodes, input.values),
    variables: {},
  });
  // The logits stay in the graph for the parity check; the signature returns probabilities only.
  const { inputs, outputs } = signatures[SIGNATURE] as GraphSignature;
  const shown = Object.fromEntries(Object.entries(outputs).filter(([name]) => name !== 'logits'));
  writeExportFile(
    join(folder, 'saved_model.pb'),
    encodeSavedModel({ nodes, signatures: { [SIGNATURE]: { inputs, outputs: shown } } }),
  );
  if (input.model.options.num_classes) writeExportFile(join(folder, 'labels.json'), asJson(input.classes));
}

function reload(folder: string): ReloadedExport {
  const { model: id, options, preprocessing } = readManifest(folder);
  const { size } = preprocessing;
  const { num_classes } = options;
  const width = num_classes || modelEntry(id).create(options).numFeatures;
  const signatures: Record<string, GraphSignature> = {};
  const executor = new CapturedExecutor(loadBinding(), folder, { signatures, variables: {} });
  return {
    run: (images, count) => {
      const end = (name: string): GraphSignature['outputs'][string] => ({
        ref: output(name),
        shape: [count, width],
        dtype: 'float32',
      });
      const name = `${SIGNATURE} of ${count}`;
      signatures[name] = {
        inputs: { images: { ref: INPUT, shape: [count, size, size, 3], dtype: 'uint8' } },
        outputs: num_classes
          ? { probabilities: end('probabilities'), logits: end('logits') }
          : { features: end('features') },
      };
      const { probabilities, logits, features } = executor.run(name, {
        images: images.subarray(0, count * size * size * 3),
      });
      return {
        outputs: (logits ?? features) as Float32Array,
        probabilities: (probabilities ?? null) as Float32Array | null,
      };
    },
    dispose: () => executor.dispose(),
  };
}

function howToLoad({ model, preprocessing: { size } }: ExportInput, folder: string): string {
  const gives = model.options.num_classes ? 'probabilities' : 'features';
  return [
    'With TensorFlow (`pip install tensorflow`), from the parent of this folder:',
    '',
    '```python',
    'import numpy as np',
    'import tensorflow as tf',
    '',
    `model = tf.saved_model.load(${python(folder)})`,
    "predict = model.signatures['serving_default']",
    `images = np.zeros((2, ${size}, ${size}, 3), np.uint8)  # RGB, resized and cropped as said below; any number of them`,
    `${gives} = predict(images=tf.constant(images))['${gives}'].numpy()`,
    '```',
    '',
    model.options.num_classes
      ? 'Normalisation is inside. `labels.json` holds the class names in the order of the probabilities.'
      : `Normalisation is inside. The features are the class token behind the last norm, ${model.numFeatures} numbers for each image.`,
  ].join('\n');
}

export const format: ExportFormat = {
  id: 'savedmodel',
  parts: ['encoder'],
  write,
  reload: (folder: string, _options: ReloadOptions) => reload(folder),
  howToLoad,
};
