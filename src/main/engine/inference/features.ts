/**
 * Computes a network's features of whole images, before its head, without labels or an optimizer. It serves k-NN and
 * the export of features, for every model; a masked autoencoder's encoder sees all patches.
 */
import { AppError } from '../../../shared/errors';
import { openProgram } from '../capture/open';
import { plainView, type View } from '../tasks/view';
import type { Executor, Model, Program, Signature, Tensor, TensorInfo } from '../types';
import type { Network } from './network';

/**
 * Name of the pooled features of a network without a class token, the same as of a vision transformer's mean over
 * patches.
 */
const MEAN = 'mean';

/** Returns the names of a model's features: its intermediates, and `mean` where it only pools by it. */
export const featureNames = ({ intermediates }: Pick<Model, 'intermediates'>): readonly string[] =>
  intermediates.includes(MEAN) ? intermediates : [...intermediates, MEAN];

/** Returns the default feature: the class token where there is one, else the mean over the map. */
export const defaultFeature = ({ intermediates }: Pick<Model, 'intermediates'>): string =>
  intermediates.includes('cls') ? 'cls' : MEAN;

/**
 * Checks the name of a feature. @param wanted null for the default one @throws AppError usage where the model has no
 * such feature
 */
export function checkedFeature(model: Pick<Model, 'id' | 'intermediates'>, wanted: string | null): string {
  const names = featureNames(model);
  const feature = wanted ?? defaultFeature(model);
  if (names.includes(feature)) return feature;
  throw new AppError({
    code: 'usage',
    what: `${model.id} has no feature called ${feature}.`,
    why: `Its features are ${names.join(', ')}.`,
    next: 'Choose one of them with --feature.',
  });
}

/** Returns the name of the signature that computes features. */
export const featureSignature = (size: number, batch: number): string => `features_${size}_${batch}`;

export interface Extraction {
  model: Model;
  view: View;
  /** Number of images on the device at once. */
  batch: number;
  /** One of `featureNames`. */
  feature: string;
}

/**
 * Makes the signature uint8 [batch, size, size, 3] -> `features`, float32 [batch, ...shape of one image's]. Its output
 * `shape`, float32, holds the shape of `features`, because values that leave an executor are flat.
 */
export function signatureOfFeatures({ model, view, batch, feature }: Extraction): Signature {
  const { size } = view;
  return {
    inputs: { images: { shape: [batch, size, size, 3], dtype: 'uint8' } },
    body: (context, { images }) => {
      const isIntermediate = model.intermediates.includes(feature);
      const x = plainView(context, images as Tensor, size, view);
      const encoded = model.encode(context, x, { training: false, intermediates: isIntermediate ? [feature] : [] });
      const features = isIntermediate ? (encoded.intermediates[feature] as Tensor) : encoded.features;
      return { features, shape: context.tf.tensor1d(features.shape) };
    },
  };
}

export interface FeatureNetwork extends Network {
  feature: string;
  /** Further signatures for work on the features. */
  more?: Record<string, Signature>;
}

/** Makes a program of features. @returns a program whose first signature is that of the features */
export function featureProgram({ model, preprocessing, batch, feature, more = {} }: FeatureNetwork): Program {
  const { size, mean, std } = preprocessing;
  const view: View = { size, mean, std, lowFrequencyMode: 'crop' };
  return {
    variables: Object.fromEntries(
      model.params.map(({ name, shape }): [string, TensorInfo] => [name, { shape, dtype: 'float32' }]),
    ),
    signatures: { [featureSignature(size, batch)]: signatureOfFeatures({ model, view, batch, feature }), ...more },
  };
}

export interface Extractor {
  readonly executor: Executor;
  /** Computes the features of uint8 [count, size, size, 3], count at most the batch -> float32 [count, ...shape]. */
  features: (images: Uint8Array, count: number) => { values: Float32Array; shape: readonly number[] };
}

/**
 * Opens a network's graph of features; its weights have to be written afterwards.
 * @param cacheFolder of composed graphs @param wrapped wraps the executor for its user
 */
export function openExtractor(
  network: FeatureNetwork,
  cacheFolder: string,
  wrapped: (executor: Executor) => Executor = (executor) => executor,
): Extractor {
  const { model, preprocessing, batch, feature, more = {} } = network;
  const { size, mean, std } = preprocessing;
  const opened = openProgram({
    build: () => featureProgram(network),
    key: {
      features: feature,
      more: Object.keys(more),
      model: model.id,
      options: model.options,
      size,
      mean,
      std,
      batch,
    },
    cacheFolder,
  });
  const executor = wrapped(opened.executor);
  const pixels = size * size * 3;
  return {
    executor,
    features: (images, count) => {
      const whole = count === batch ? images : new Uint8Array(batch * pixels);
      if (whole !== images) whole.set(images.subarray(0, count * pixels));
      const made = executor.run(featureSignature(size, batch), { images: whole }) as Record<
        'features' | 'shape',
        Float32Array
      >;
      const values = made.features.slice(0, (made.features.length / batch) * count);
      return { values, shape: Array.from(made.shape).slice(1) };
    },
  };
}
