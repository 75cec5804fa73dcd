/**
 * Supervised classification: soft-target cross-entropy of images that are cropped to the stage's low frequencies,
 * erased and mixed on the device (Wang et al., TPAMI 2024, sec. 4); measured by accuracy.
 */
import type { RunConfig } from '../../../shared/run-config';
import { textKey } from '../../../shared/random';
import { mixParams } from '../data/augment/mix';
import { emaName } from '../optim/ema';
import type { Context, MixParams, Model, Signature, Tensor, TensorInfo, TrainBatch } from '../types';
import { AccuracyMeter } from './accuracy';
import { classifier } from './classifier';
import type { Evaluation, Measurement, Meter } from './evaluation';
import { outcomesDetail } from './outcomes';
import { evaluationView, prepared, type Preparation, type PreparedTensors } from './prepare';
import { distillationLoss, teacherTargets } from './distillation/loss';
import { teacherKey, teacherLogits, teacherOf, teacherVariables, type Teacher } from './distillation/teacher';
import { scaledMask, scaledRectangles } from './distillation/teacher-view';
import { evalSignature } from './signature-names';
import { softCrossEntropy, softTargets } from './soft-cross-entropy';
import { keepMask, type StepInputs } from './step-input';
import type { Task } from './task';
import { gradientsOf, trainingProgram, type Pass, type PassResult, type StepAt } from './training-program';
import { viewOf, type View } from './view';

/** Random draws of a step. */
export interface ClassifyDraw {
  batch: TrainBatch;
  mix: MixParams;
  seed: number;
}

export interface ClassifyPass extends Preparation {
  model: Model;
  labelSmoothing: number;
  /** Draws the mixing of a step at a bandwidth. */
  mix: (seed: number, step: number, bandwidth: number) => MixParams;
  /** The teacher; null or absent where only the labels are learned. */
  teacher?: Teacher | null;
}

const KEEP = textKey('drop_path');
const DROPOUT = textKey('dropout');

/** Declares the inputs of a forward and backward pass. */
export function classifyInputs(
  { model, size, teacher }: Pick<ClassifyPass, 'model' | 'size' | 'teacher'>,
  bandwidth: number,
  batch: number,
): StepInputs<ClassifyDraw> {
  const float = (shape: number[]): TensorInfo => ({ shape, dtype: 'float32' });
  const { dropPaths, dropoutWidth } = model;
  const dropped = Array<number>(dropoutWidth).fill(model.options.drop_rate);
  return {
    images: { shape: [batch, size, size, 3], dtype: 'uint8', byImage: true, make: (draw) => draw.batch.images },
    labels: { shape: [batch], dtype: 'int32', byImage: true, make: (draw) => draw.batch.labels },
    erase: { shape: [batch, 4], dtype: 'int32', byImage: true, make: (draw) => draw.batch.erase },
    mix: { ...float([bandwidth, bandwidth]), byImage: false, make: ({ mix }) => mix.mask },
    lam: { ...float([]), byImage: false, make: ({ mix }) => Float32Array.of(mix.lam) },
    noise_seed: {
      ...{ shape: [2], dtype: 'int32', byImage: false },
      make: ({ seed, batch: { step } }) => Int32Array.of(seed | 0, step),
      // Erasing's noise is drawn on the device for the rows of a part, so each part needs another seed.
      ofPart: ([seed = 0, step = 0], part) => Int32Array.of(seed, (step + Math.imul(part, 0x9e3779b1)) | 0),
    },
    ...(dropPaths.length && {
      keep: {
        ...{ ...float([batch, dropPaths.length]), byImage: true },
        make: ({ batch: { step, labels }, seed }) => keepMask(labels.length, dropPaths, seed, KEEP, step),
      },
    }),
    ...(model.options.drop_rate > 0 && {
      dropout: {
        ...{ ...float([batch, dropoutWidth]), byImage: true },
        make: ({ batch: { step, labels }, seed }) => keepMask(labels.length, dropped, seed, DROPOUT, step),
      },
    }),
    ...(teacher && teacherInputs(teacher, bandwidth, batch)),
  };
}

/** Declares the student's erasing and mixing at the teacher's size. */
const teacherInputs = ({ size }: Teacher, bandwidth: number, batch: number): StepInputs<ClassifyDraw> => ({
  teacher_erase: {
    ...{ shape: [batch, 4], dtype: 'int32', byImage: true },
    make: (draw) => scaledRectangles(draw.batch.erase, bandwidth, size),
  },
  teacher_mix: {
    ...{ shape: [size, size], dtype: 'float32', byImage: false },
    make: ({ mix }) => scaledMask(mix.mask, bandwidth, size),
  },
});

type PassTensors = PreparedTensors &
  Record<'labels' | 'lam' | 'teacher_erase' | 'teacher_mix', Tensor> &
  Partial<Record<'keep' | 'dropout', Tensor>>;

function forwardBackward(context: Context, options: ClassifyPass, bandwidth: number, step: PassTensors): PassResult {
  const { tf } = context;
  const { model, labelSmoothing, teacher = null } = options;
  const masks = { ...(step.keep ? { keep: step.keep } : {}), ...(step.dropout ? { dropout: step.dropout } : {}) };
  const x = prepared(context, options, bandwidth, step);
  const targets = softTargets(context, step.labels, step.lam, model.options.num_classes, labelSmoothing);
  // The teacher is outside the differentiated function, so no gradient reaches it.
  const taught = teacher && teacherTargets(context, teacherLogits(context, teacher, options, step), teacher);
  let logits: Tensor | undefined;
  const { loss, gradients } = gradientsOf(context, model.params, () => {
    logits = tf.keep(model.forward(context, x, { training: true, ...masks }));
    return teacher && taught
      ? distillationLoss(context, logits, targets, taught, teacher)
      : softCrossEntropy(context, logits, targets);
  });
  // Where two labels are mixed, the one with the larger weight counts.
  const correct = tf.sum(
    tf.cast(tf.equal(tf.argMax(logits as unknown as Tensor, -1), tf.argMax(targets, -1)), 'float32'),
  );
  tf.dispose(logits);
  return { gradients, outputs: { loss, correct } };
}

/** Describes the pass of a training step: images and labels -> gradients, mean loss and number of right images. */
export const classifyPass = (options: ClassifyPass): Pass<ClassifyDraw> => ({
  ...(options.teacher && { fixed: teacherVariables(options.teacher.model) }),
  inputs: (bandwidth, batch) => classifyInputs(options, bandwidth, batch),
  draw: (batch, { seed, step, bandwidth }: StepAt) => ({ batch, seed, mix: options.mix(seed, step, bandwidth) }),
  run: (context, bandwidth, inputs) => forwardBackward(context, options, bandwidth, inputs as PassTensors),
  outputs: { loss: 'mean', correct: 'sum' },
  values: ({ loss = NaN, correct = NaN }, { mix, batch }) => ({
    'train/loss': loss,
    ...(mix.kind === 'none' ? { 'train/top1': correct / batch.labels.length } : {}),
  }),
});

function evalSignatureOf(model: Model, view: View, { bandwidth, batch, weights }: Measurement): Signature {
  const { size } = view;
  return {
    inputs: { images: { shape: [batch, size, size, 3], dtype: 'uint8' }, labels: { shape: [batch], dtype: 'int32' } },
    body: (context, { images, labels }) => {
      const { tf } = context;
      const x = evaluationView(context, images as Tensor, bandwidth, view);
      const param = (name: string): Tensor => context.variable(weights === 'ema' ? emaName(name) : name);
      const logits = model.forward(context, x, { training: false, param });
      // A negative label is padding: its one-hot row is zero, and so is its loss.
      const picked = tf.mul(
        tf.logSoftmax(logits),
        tf.oneHot(labels as never, model.options.num_classes, 1, 0, 'float32'),
      );
      return { logits, losses: tf.neg(tf.sum(picked, -1)) };
    },
  };
}

function accuracyMeter(classes: number, { bandwidth, batch, weights }: Measurement): Meter {
  const meter = new AccuracyMeter(classes);
  return {
    signature: evalSignature(bandwidth, batch, weights),
    inputs: ({ images, labels }) => ({ images, labels }),
    add: ({ logits, losses }, { labels }) => meter.add(logits as Float32Array, losses as Float32Array, labels),
    result: () => {
      const { top1, top5, loss, count, nonFinite, perClass, confusion, outcomes } = meter.result();
      const blob = new Uint8Array(confusion.buffer, confusion.byteOffset, confusion.byteLength);
      const details = [{ kind: 'classes', json: perClass, blob }, outcomesDetail(outcomes)];
      return { count, nonFinite, figures: { loss, top1, top5 }, details };
    },
  };
}

/** Describes the evaluation: images and labels -> loss, top-1 and top-5, and the outcomes by class and image. */
export const classifyEvaluation = (model: Model, view: View): Evaluation => ({
  metrics: [
    { id: 'loss', atStage: true },
    { id: 'top1', atStage: true },
    { id: 'top5', atStage: false },
  ],
  signature: (measurement) => evalSignatureOf(model, view, measurement),
  meter: (measurement) => accuracyMeter(model.options.num_classes, measurement),
  dump: {
    arrays: () => ({
      logits: { dtype: 'float32', shape: [model.options.num_classes] },
      labels: { dtype: 'int64', shape: [] },
    }),
    rows: ({ logits }, { labels }, count) => ({
      logits: (logits as Float32Array).subarray(0, count * model.options.num_classes),
      labels: BigInt64Array.from((labels as Int32Array).subarray(0, count), BigInt),
    }),
  },
});

const passOf = (model: Model, config: RunConfig): ClassifyPass => ({
  ...{ ...viewOf(config), model, remode: config.data.remode, labelSmoothing: config.data.label_smoothing },
  mix: (seed, step, bandwidth) => mixParams(seed, step, bandwidth, config.data),
  teacher: teacherOf(config, model.options.num_classes),
});

export const task: Task = {
  id: 'classify',
  needsLabels: true,
  best: { metric: 'val/top1', better: 'higher' },
  otherBest: ['val/loss'],
  createModel: (entry, settings, config) => classifier(entry, settings, config),
  training: (model, config, options) =>
    trainingProgram(classifyPass(passOf(model, config)), { ...options, params: model.params }),
  evaluation: classifyEvaluation,
  graphKey: (config) => ({
    ...{ labelSmoothing: config.data.label_smoothing, remode: config.data.remode },
    ...(config.distillation && { teacher: teacherKey(config) }),
  }),
};
