/**
 * Self-supervised pre-training of masked autoencoders (He et al., CVPR 2022) under a curriculum of low frequencies: a
 * network predicts the patches that it does not see, as pixels or as histograms of oriented gradients (Wei et al., CVPR
 * 2022). The number of patches follows the stage's bandwidth, and the masked share of them stays the same.
 */
import type { RunConfig } from '../../../shared/run-config';
import { AppError } from '../../../shared/errors';
import { visiblePatches } from '../../../shared/visible-patches';
import type { Context, MaskedAutoencoder, Model, ModelEntry, Tensor, TrainBatch } from '../types';
import { maeEvaluation } from './mae/evaluation';
import { maskedLoss } from './mae/masked-loss';
import { drawMasks, type Masks } from './mae/masking';
import { maeSettings, type MaeSettings } from './mae/settings';
import { targetDim, targetsOf } from './mae/targets';
import type { StepInputs } from './step-input';
import type { Task } from './task';
import { gradientsOf, trainingProgram, type Pass, type PassResult, type StepAt } from './training-program';
import { plainView, viewOf, type View } from './view';

interface MaeDraw {
  batch: TrainBatch;
  masks: Masks;
}

function maeInputs(
  { patch }: MaskedAutoencoder,
  { mask_ratio }: MaeSettings,
  { size, bandwidth, batch }: { size: number; bandwidth: number; batch: number },
): StepInputs<MaeDraw> {
  const length = (bandwidth / patch) ** 2;
  const kept = visiblePatches(length, mask_ratio);
  return {
    images: { shape: [batch, size, size, 3], dtype: 'uint8', byImage: true, make: (draw) => draw.batch.images },
    ids_keep: { shape: [batch, kept], dtype: 'int32', byImage: true, make: ({ masks }) => masks.ids_keep },
    ids_restore: { shape: [batch, length], dtype: 'int32', byImage: true, make: ({ masks }) => masks.ids_restore },
    mask: { shape: [batch, length], dtype: 'float32', byImage: true, make: ({ masks }) => masks.mask },
  };
}

function forwardBackward(
  context: Context,
  { model, view, settings }: { model: MaskedAutoencoder; view: View; settings: MaeSettings },
  bandwidth: number,
  inputs: Record<string, Tensor>,
): PassResult {
  const {
    images,
    ids_keep: idsKeep,
    ids_restore: idsRestore,
    mask,
  } = inputs as Record<'images' | 'ids_keep' | 'ids_restore' | 'mask', Tensor>;
  const x = plainView(context, images, bandwidth, view);
  const target = targetsOf(context, x, model.patch, settings);
  const { loss, gradients } = gradientsOf(context, model.params, () => {
    const latent = model.encodeVisible(context, x, idsKeep, { training: true });
    const prediction = model.decode(context, latent, { idsKeep, idsRestore }, { training: true });
    return maskedLoss(context, prediction, target, mask);
  });
  return { gradients, outputs: { loss } };
}

function maePass(model: MaskedAutoencoder, view: View, settings: MaeSettings): Pass<MaeDraw> {
  const { size } = view;
  return {
    inputs: (bandwidth, batch) => maeInputs(model, settings, { size, bandwidth, batch }),
    draw: (batch: TrainBatch, { seed, step, bandwidth }: StepAt) => ({
      batch,
      masks: drawMasks({
        ...{ seed, step, length: (bandwidth / model.patch) ** 2, ratio: settings.mask_ratio },
        images: Array.from(batch.labels.keys()),
      }),
    }),
    run: (context, bandwidth, inputs) => forwardBackward(context, { model, view, settings }, bandwidth, inputs),
    outputs: { loss: 'mean' },
    values: ({ loss = NaN }) => ({ 'train/loss': loss }),
  };
}

function refuseOther({ id, task }: ModelEntry): void {
  if (task === 'mae') return;
  throw new AppError({
    code: 'invalid_config',
    what: `${id} can't be pre-trained as a masked autoencoder.`,
    why: 'It has no decoder that predicts patches.',
    next: 'Choose a model whose name begins with mae_vit, for example mae_vit_base_patch16.',
  });
}

/** Narrows the network of `createModel`, which lets only masked autoencoders pass. */
const autoencoder = (model: Model): MaskedAutoencoder => model as MaskedAutoencoder;

export const task: Task = {
  id: 'mae',
  needsLabels: false,
  best: { metric: 'val/loss', better: 'lower' },
  otherBest: ['val/knn_top1'],
  createModel: (entry, { size }, config) => {
    refuseOther(entry);
    const { mask_ratio, positions, target, decoder_embed_dim, decoder_depth, decoder_num_heads } = maeSettings(config);
    const own = Object.entries({ decoder_embed_dim, decoder_depth, decoder_num_heads }).filter(
      ([, value]) => value !== null,
    );
    return entry.create({
      ...{ num_classes: 0, img_size: size, drop_path_rate: 0, drop_rate: 0 },
      mae: { ...Object.fromEntries(own), mask_ratio, positions, target_dim: targetDim(entry.sizes.step, target) },
    });
  },
  training: (model, config, options) =>
    trainingProgram(maePass(autoencoder(model), viewOf(config), maeSettings(config)), {
      ...options,
      params: model.params,
    }),
  evaluation: (model, view, config) => maeEvaluation(autoencoder(model), view, maeSettings(config)),
  graphKey: (config: RunConfig) => ({ mae: maeSettings(config) }),
};
