/**
 * Linear probing: trains a linear classifier on a frozen encoder's features (He et al., CVPR 2022, appendix A.1).
 * Images are cropped to the stage's low frequencies and not mixed. The encoder is state that is neither trained nor
 * kept in an optimizer.
 */
import { AppError } from '../../../shared/errors';
import type { Context, Model, ModelEntry, Tensor, TrainBatch } from '../types';
import { classifier } from './classifier';
import { classifyEvaluation } from './classify';
import { softCrossEntropy } from './soft-cross-entropy';
import type { StepInputs } from './step-input';
import type { Task } from './task';
import { gradientsOf, trainingProgram, type Pass, type PassResult } from './training-program';
import { plainView, viewOf, type View } from './view';

function probeInputs(size: number, batch: number): StepInputs<TrainBatch> {
  return {
    images: { shape: [batch, size, size, 3], dtype: 'uint8', byImage: true, make: ({ images }) => images },
    labels: { shape: [batch], dtype: 'int32', byImage: true, make: ({ labels }) => labels },
  };
}

/** Runs one pass of a probe. @param inputs images uint8 [N, size, size, 3], labels int32 [N] */
function forwardBackward(
  context: Context,
  { model, view }: { model: Model; view: View },
  bandwidth: number,
  inputs: Record<string, Tensor>,
): PassResult {
  const { tf } = context;
  const { images, labels } = inputs as Record<'images' | 'labels', Tensor>;
  // The encoder is outside the differentiated function, so no gradient reaches it.
  const { features } = model.encode(context, plainView(context, images, bandwidth, view), { training: true });
  const targets: Tensor = tf.oneHot(labels as never, model.options.num_classes, 1, 0, 'float32');
  let logits: Tensor | undefined;
  const { loss, gradients } = gradientsOf(context, model.params, () => {
    logits = tf.keep(model.head(context, features, { training: true }));
    return softCrossEntropy(context, logits, targets);
  });
  const correct = tf.sum(
    tf.cast(tf.equal(tf.argMax(logits as unknown as Tensor, -1), tf.cast(labels, 'int32')), 'float32'),
  );
  tf.dispose(logits);
  return { gradients, outputs: { loss, correct } };
}

/**
 * Describes the pass of a training step: images and labels -> the head's gradients, mean loss, number of right images.
 */
export const probePass = (model: Model, view: View): Pass<TrainBatch> => ({
  inputs: (_, batch) => probeInputs(view.size, batch),
  draw: (batch) => batch,
  run: (context, bandwidth, inputs) => forwardBackward(context, { model, view }, bandwidth, inputs),
  outputs: { loss: 'mean', correct: 'sum' },
  values: ({ loss = NaN, correct = NaN }, { labels }) => ({
    'train/loss': loss,
    'train/top1': correct / labels.length,
  }),
});

function refuseOther({ id, task }: ModelEntry): void {
  if (task === 'classify') return;
  throw new AppError({
    code: 'invalid_config',
    what: `${id} can't be probed.`,
    why: 'A linear probe is a classifier on the encoder alone.',
    next: 'Choose the classifier with the same encoder, for example vit_base_patch16_224 for mae_vit_base_patch16.',
  });
}

export const task: Task = {
  id: 'probe',
  needsLabels: true,
  best: { metric: 'val/top1', better: 'higher' },
  createModel: (entry, settings, config) => {
    refuseOther(entry);
    return classifier(entry, settings, config, true);
  },
  training: (model, config, options) =>
    trainingProgram(probePass(model, viewOf(config)), { ...options, params: model.params }),
  evaluation: classifyEvaluation,
  graphKey: () => ({}),
};
