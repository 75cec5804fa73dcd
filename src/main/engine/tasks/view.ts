/** From what a loader gives to what a model sees: scale to 0..1, filter, low-frequency crop to B, normalisation. */
import type { FrequencyFilter, RunConfig } from '../../../shared/run-config';
import { frequencyFilter } from '../curriculum/frequency-filter';
import { lowFrequencyCrop } from '../curriculum/low-frequency-crop';
import type { Context, Tensor } from '../types';

export interface View {
  /** Side of the images that come in. */
  size: number;
  lowFrequencyMode: 'crop' | 'resize';
  /** Of pixels in 0..1. */
  mean: readonly [number, number, number];
  std: readonly [number, number, number];
  /** Absent: all frequencies stay. */
  filter?: FrequencyFilter;
}

/** A view's part that filters. Absent for none, as null is, because a view is part of a graph's name. */
export const filterOf = (filter: FrequencyFilter | null | undefined): Pick<View, 'filter'> =>
  filter ? { filter } : {};

/** How a run's model sees its images. */
export const viewOf = ({ size, schedule, data: { mean, std, filter } }: RunConfig): View => ({
  ...{ size, lowFrequencyMode: schedule.low_frequency_mode, mean, std },
  ...filterOf(filter),
});

/** uint8 [N, size, size, 3] -> float32 [N, B, B, 3] in 0..1, before normalisation. */
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

/** float32 [N, B, B, 3] in 0..1 -> normalised by channel. */
export function normalised({ tf }: Context, x: Tensor, { mean, std }: Pick<View, 'mean' | 'std'>): Tensor {
  return tf.mul(tf.sub(x, tf.tensor1d([...mean])), tf.tensor1d(std.map((value) => 1 / value)));
}

/** uint8 [N, size, size, 3] -> float32 [N, B, B, 3], as the model sees it without augmentation. */
export const plainView = (context: Context, images: Tensor, bandwidth: number, view: View): Tensor =>
  normalised(context, cropped(context, images, bandwidth, view), view);
