/** Measures a masked autoencoder by its loss on masked patches, with masks that never change. */
import { emaName } from '../../optim/ema';
import type { Context, HostArray, MaskedAutoencoder, Signature, Tensor } from '../../types';
import type { Evaluation, MeasuredSplit, Measurement, Meter } from '../evaluation';
import { evalSignature } from '../signature-names';
import { plainView, type View } from '../view';
import { NO_IMAGE } from '../../../../shared/labels';
import { reconstructionsDetail, SHOWN_IMAGES } from './detail';
import { lossOfImages } from './masked-loss';
import { drawMasks, type Masks } from './masking';
import { predictedPixels } from './reconstruction';
import type { MaeSettings } from './settings';
import { targetsOf } from './targets';
import { visiblePatches } from '../../../../shared/visible-patches';

/** Seed of the masks of every evaluation, so that runs and steps are comparable. */
const MASK_SEED = 0;

const lengthAt = ({ patch }: MaskedAutoencoder, bandwidth: number): number => (bandwidth / patch) ** 2;

/** Draws the masks of the images first, first + 1, ... of a split. They depend on the image's place alone. */
export const evaluationMasks = (
  model: MaskedAutoencoder,
  { mask_ratio: ratio }: MaeSettings,
  bandwidth: number,
  first: number,
  count: number,
): Masks =>
  drawMasks({
    ...{ seed: MASK_SEED, step: 0, length: lengthAt(model, bandwidth), ratio },
    images: Array.from({ length: count }, (_, row) => first + row),
  });

function signatureOf(
  model: MaskedAutoencoder,
  view: View,
  settings: MaeSettings,
  { bandwidth, batch, weights, dumped = false }: Measurement,
): Signature {
  const { size } = view;
  const length = lengthAt(model, bandwidth);
  const kept = visiblePatches(length, settings.mask_ratio);
  // Only the images that are shown leave the device, unless a dump asks for all.
  const shown = dumped ? batch : Math.min(batch, SHOWN_IMAGES);
  return {
    inputs: {
      images: { shape: [batch, size, size, 3], dtype: 'uint8' },
      ids_keep: { shape: [batch, kept], dtype: 'int32' },
      ids_restore: { shape: [batch, length], dtype: 'int32' },
      mask: { shape: [batch, length], dtype: 'float32' },
    },
    body: (context: Context, inputs) => {
      const {
        images,
        ids_keep: idsKeep,
        ids_restore: idsRestore,
        mask,
      } = inputs as Record<string, Tensor> & Record<'images' | 'ids_keep' | 'ids_restore' | 'mask', Tensor>;
      const options = {
        training: false,
        param: (name: string): Tensor => context.variable(weights === 'ema' ? emaName(name) : name),
      };
      const x = plainView(context, images, bandwidth, view);
      const target = targetsOf(context, x, model.patch, settings);
      const latent = model.encodeVisible(context, x, idsKeep, options);
      const prediction = model.decode(context, latent, { idsKeep, idsRestore }, options);
      const some = (of: Tensor): Tensor => context.tf.slice(of, [0, 0, 0], [shown, length, model.targetDim]);
      return {
        losses: lossOfImages(context, prediction, target, mask),
        prediction: some(prediction),
        target: some(target),
      };
    },
  };
}

class MaskedLossMeter implements Meter {
  readonly signature: string;
  private count = 0;
  private nonFinite = 0;
  private sum = 0;
  private details: MeasuredSplit['details'] = [];

  constructor(
    private readonly model: MaskedAutoencoder,
    private readonly view: View,
    private readonly settings: MaeSettings,
    private readonly measurement: Measurement,
  ) {
    const { bandwidth, batch, weights } = measurement;
    this.signature = evalSignature(bandwidth, batch, weights);
  }

  inputs({ images, labels }: { images: Uint8Array; labels: Int32Array }, first: number): Record<string, HostArray> {
    const masks = evaluationMasks(this.model, this.settings, this.measurement.bandwidth, first, labels.length);
    return { images, ...masks };
  }

  add(
    outputs: Readonly<Record<string, HostArray>>,
    batch: { images: Uint8Array; labels: Int32Array },
    first: number,
  ): void {
    const losses = outputs['losses'] as Float32Array;
    batch.labels.forEach((label, row) => {
      if (label === NO_IMAGE) return;
      const loss = losses[row] as number;
      this.count++;
      this.sum += loss;
      if (!Number.isFinite(loss)) this.nonFinite++;
    });
    if (first === 0 && this.measurement.bandwidth === this.view.size) this.keep(outputs, batch);
  }

  /** Keeps the first images of the split for the reconstructions. */
  private keep(
    outputs: Readonly<Record<string, HostArray>>,
    { images, labels }: { images: Uint8Array; labels: Int32Array },
  ): void {
    const { model, view, settings } = this;
    const { size, mean, std } = view;
    const length = lengthAt(model, size);
    const rows = Array.from(labels.subarray(0, SHOWN_IMAGES).keys()).filter((row) => labels[row] !== NO_IMAGE);
    const { mask } = evaluationMasks(model, settings, size, 0, SHOWN_IMAGES);
    const width = length * model.targetDim;
    const rowOf = (of: HostArray | undefined, row: number): Float32Array =>
      (of as Float32Array).subarray(row * width, (row + 1) * width);
    const eightBit = (values: Float32Array): Uint8Array =>
      Uint8Array.from(values, (value) => Math.round(255 * Math.min(Math.max(value, 0), 1)));
    const pixels = size * size * 3;
    const predictions = rows.map((row) =>
      settings.target === 'hog'
        ? eightBit(rowOf(outputs['prediction'], row))
        : predictedPixels(rowOf(outputs['prediction'], row), images.subarray(row * pixels, (row + 1) * pixels), {
            ...{ size, mean, std, patch: model.patch, normPixLoss: settings.norm_pix_loss },
          }),
    );
    const wanted = settings.target === 'hog' ? rows.map((row) => eightBit(rowOf(outputs['target'], row))) : [];
    this.details = [
      reconstructionsDetail({
        ...{ images: rows, size, patch: model.patch, target: settings.target },
        losses: rows.map((row) => (outputs['losses'] as Float32Array)[row] as number),
        mask: Uint8Array.from(rows.flatMap((row) => Array.from(mask.subarray(row * length, (row + 1) * length)))),
        prediction: Buffer.concat(predictions),
        wanted: Buffer.concat(wanted),
      }),
    ];
  }

  result(): MeasuredSplit {
    const { count, nonFinite, details } = this;
    return { count, nonFinite, figures: { loss: this.sum / count }, details };
  }
}

/** Describes the evaluation: images and fixed masks -> mean loss over masked patches, and reconstructions. */
export function maeEvaluation(model: MaskedAutoencoder, view: View, settings: MaeSettings): Evaluation {
  return {
    metrics: [
      { id: 'loss', atStage: true },
      { id: 'knn_top1', atStage: false },
    ],
    // The class token sees the whole image, as it does for users of the encoder.
    knn: { feature: 'cls' },
    signature: (measurement) => signatureOf(model, view, settings, measurement),
    meter: (measurement) => new MaskedLossMeter(model, view, settings, measurement),
    dump: {
      arrays: ({ bandwidth }) => {
        const length = lengthAt(model, bandwidth);
        return {
          ids_keep: { dtype: 'int64', shape: [visiblePatches(length, settings.mask_ratio)] },
          prediction: { dtype: 'float32', shape: [length, model.targetDim] },
          target: { dtype: 'float32', shape: [length, model.targetDim] },
          mask: { dtype: 'float32', shape: [length] },
          loss: { dtype: 'float32', shape: [] },
        };
      },
      rows: (outputs, inputs, count) => {
        const rows = (of: HostArray | undefined): Float32Array => {
          const values = of as Float32Array;
          return values.subarray(0, (values.length / (outputs['losses'] as Float32Array).length) * count);
        };
        return {
          ids_keep: BigInt64Array.from(rows(inputs['ids_keep']), BigInt),
          ...{ prediction: rows(outputs['prediction']), target: rows(outputs['target']) },
          ...{ mask: rows(inputs['mask']), loss: rows(outputs['losses']) },
        };
      },
    },
  };
}
