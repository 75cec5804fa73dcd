/** Low-pass and high-pass filters of whole images, which keep their size, for studies of learning dynamics. */
import type { FrequencyFilter } from '../run-config';
import type { HostImage } from './low-frequency';
import { lowPass } from './low-pass';

/**
 * Returns the filtered image. A high-pass is the image without its low-pass, so it has no mean. Null: the image itself.
 */
export function filtered(image: HostImage, filter: FrequencyFilter | null): HostImage {
  if (filter === null) return image;
  const low = lowPass(image, filter.radius);
  if (filter.kind === 'low_pass') return low;
  return { ...image, data: image.data.map((value, at) => value - (low.data[at] as number)) };
}

/** Writes a filter as the command line does, `low_pass:16`, or `none` without one. */
export const filterText = (filter: FrequencyFilter | null): string =>
  filter === null ? 'none' : `${filter.kind}:${filter.radius}`;
