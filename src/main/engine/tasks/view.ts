/** Turns the loader's images into the model's input: scale to 0..1, filter, low-frequency crop to B, normalisation. */
import type { FrequencyFilter, RunConfig } from '../../../shared/run-config';
import { frequencyFilter } from '../curriculum/frequency-filter';
import { lowFrequencyCrop } from '../curriculum/low-frequency-crop';
import type { Context, Tensor } from '../types';

export interface View {
  /** Side in px of the loader's images. */
  size: number;
  lowFrequencyMode: 'crop' | 'resize';
  /** Mean of each channel, of pixels in 0..1. */
  mean: readonly [number, number, number];
  std: readonly [number, number, number];
  /** The filter; absent where all frequencies are kept. */
  filter?: FrequencyFilter;
}

/**
 * Returns the filter of a view. It is absent, not null, where there is none, because a view is part of a graph's name.
 */
export const filterOf = (filter: FrequencyFilter | null | undefined): Pick<View, 'filter'> =>
  filter ? { filter } : {};

/** Returns how a run's model sees its images. */
export const viewOf = ({ size, schedule, data: { mean, std, filter } }: RunConfig): View => ({
  ...{ size, lowFrequencyMode: schedule.low_frequency_mode, mean, std },
  ...filterOf(filter),
});

/** Crops images without normalisation: uint8 [N, size, size, 3] -> float32 [N, B, B, 3] in 0..1. */
export function cropped(
  context: Context,
  images: Tensor,
  bandwidth: number,
  { lowFrequencyMode, filter }: View,
): Tensor {
  const { tf } = context;
  const whole = tf.mul(tf.cast(images, 'float32'), 1 / 255);
  return lowFrequencyCrop(
    context,
    filter ? frequencyFilter(context, whole, filter) : whole,
    bandwidth,
    lowFrequencyMode,
  );
}

/** Normalises each channel of float32 [N, B, B, 3] in 0..1. */
export function normalised({ tf }: Context, x: Tensor, { mean, std }: Pick<View, 'mean' | 'std'>): Tensor {
  return tf.mul(tf.sub(x, tf.tensor1d([...mean])), tf.tensor1d(std.map((value) => 1 / value)));
}

/** Makes the model's input without augmentation: uint8 [N, size, size, 3] -> float32 [N, B, B, 3]. */
export const plainView = (context: Context, images: Tensor, bandwidth: number, view: View): Tensor =>
  normalised(context, cropped(context, images, bandwidth, view), view);
