/**
 * Estimates the hours of an amount of compute on this machine, from the speed of earlier runs of the same model; null
 * where none has trained.
 */
import type { SearchSpec } from '../../../shared/contract/searches';
import { cost } from '../../../shared/curriculum/stages';
import type { Store } from '../../store/open';
import { ratesOf } from '../../store/training-rates';

export function searchHours(
  store: Store,
  { base }: Pick<SearchSpec, 'base'>,
  epochs: number,
  samples: number,
): number | null {
  const rates = ratesOf(store, base.model);
  if (!rates.length) return null;
  // Seconds of an image at the final size, estimated from each measured size.
  const whole = rates
    .map(({ bandwidth, seconds, load }) => Math.max(seconds, load) / Math.min(cost(bandwidth, base.size), 1))
    .sort((a, b) => a - b);
  return (epochs * samples * (whole[Math.floor(whole.length / 2)] as number)) / 3600;
}
