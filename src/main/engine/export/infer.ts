import { openProgram } from '../capture/open';
import { sgd } from '../optim/sgd';
import { classifyProgram, evalSignature } from '../tasks/classify';
import type { Executor, Model, Program, Tensor } from '../types';
import type { ExportNote } from './export-job';

/** Logits [count, classes] of uint8 images, one at a time: the number of images is free. */
export function logitsOf(model: Model, values: Record<string, Float32Array>, { size, mean, std }: Pick<ExportNote, 'size' | 'mean' | 'std'>, images: Uint8Array, count: number, cacheFolder: string): Float32Array {
  const options = {
    ...{ model, optimizer: sgd({ momentum: 0, nesterov: false, weight_decay: 0 }), clipGradNorm: null, ema: false, labelSmoothing: 0, lowFrequencyMode: 'crop' as const, size, mean, std, remode: 'const' as const },
    ...{ train: [], evaluate: [{ size, batch: 1, bandwidth: size }] },
  };
  const key = { inference: model.id, options: model.options, size, mean, std, batch: 1 };
  const executor: Executor = openProgram({ build: () => classifyProgram(options), key, cacheFolder }).executor;
  executor.write(values);
  const classes = model.options.num_classes;
  const out = new Float32Array(count * classes);
  const pixels = size * size * 3;
  for (let image = 0; image < count; image++) {
    const { logits } = executor.run(evalSignature(size, 1, 'raw'), { images: images.slice(image * pixels, (image + 1) * pixels), labels: Int32Array.of(0) });
    out.set(logits as Float32Array, image * classes);
  }
  executor.dispose();
  return out;
}

/** uint8 images in, probabilities out, for one image. */
export function servingProgram(model: Model, { size, mean, std }: Pick<ExportNote, 'size' | 'mean' | 'std'>): Program {
  return {
    variables: Object.fromEntries(model.params.map(({ name, shape }) => [name, { shape, dtype: 'float32' as const }])),
    signatures: {
      serving_default: {
        inputs: { images: { shape: [1, size, size, 3], dtype: 'uint8' } },
        body: (context, { images }) => {
          const { tf } = context;
          const unit = tf.mul(tf.cast(images as Tensor, 'float32'), 1 / 255);
          const x: Tensor = tf.mul(tf.sub(unit, tf.tensor1d([...mean])), tf.tensor1d(std.map((value) => 1 / value)));
          return { probabilities: tf.softmax(model.forward(context, x, { training: false })) };
        },
      },
    },
  };
}

