/**
 * Inference as a program of its own: images in, logits out, without labels or an optimizer. It serves prediction,
 * export and its check. A network without classes returns its features in place of logits.
 */
import { openProgram } from '../capture/open';
import type { Preprocessing } from '../data/preprocessing';
import type { Executor, Model, Program, Tensor, TensorInfo } from '../types';
import { plainView, type View } from '../tasks/view';

/** The only signature of the program. */
const INFER = 'infer';

/**
 * Makes the program uint8 [batch, size, size, 3] -> logits float32 [batch, classes], or features float32 [batch,
 * numFeatures] without classes.
 */
export function inferenceProgram({ model, preprocessing, batch }: Network): Program {
  const { size, mean, std } = preprocessing;
  const view: View = { size, mean, std, lowFrequencyMode: 'crop' };
  return {
    variables: Object.fromEntries(
      model.params.map(({ name, shape }): [string, TensorInfo] => [name, { shape, dtype: 'float32' }]),
    ),
    signatures: {
      [INFER]: {
        inputs: { images: { shape: [batch, size, size, 3], dtype: 'uint8' } },
        body: (context, { images }) => ({
          logits: model.forward(context, plainView(context, images as Tensor, size, view), { training: false }),
        }),
      },
    },
  };
}

export interface Network {
  model: Model;
  preprocessing: Preprocessing;
  /** Number of images on the device at once. */
  batch: number;
}

export interface Inference {
  readonly executor: Executor;
  /**
   * Computes the logits of uint8 [count, size, size, 3], count at most the batch -> float32 [count, classes], or
   * [count, numFeatures] without classes.
   */
  logits: (images: Uint8Array, count: number) => Float32Array;
}

/**
 * Opens a network's inference graph; its weights have to be written afterwards.
 * @param cacheFolder of composed graphs @param wrapped wraps the executor for its user
 */
export function openNetwork(
  { model, preprocessing, batch }: Network,
  cacheFolder: string,
  wrapped: (executor: Executor) => Executor = (executor) => executor,
): Inference {
  const { size, mean, std } = preprocessing;
  const opened = openProgram({
    build: () => inferenceProgram({ model, preprocessing, batch }),
    // A masked autoencoder may be opened with or without its decoder's variables.
    key: { inference: model.id, options: model.options, variables: model.params.length, size, mean, std, batch },
    cacheFolder,
  });
  const executor = wrapped(opened.executor);
  const [pixels, width] = [size * size * 3, model.options.num_classes || model.numFeatures];
  return {
    executor,
    logits: (images, count) => {
      const whole = count === batch ? images : new Uint8Array(batch * pixels);
      if (whole !== images) whole.set(images.subarray(0, count * pixels));
      return (executor.run(INFER, { images: whole })['logits'] as Float32Array).slice(0, count * width);
    },
  };
}
