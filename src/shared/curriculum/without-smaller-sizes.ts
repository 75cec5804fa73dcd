import type { ScheduleConfig } from '../run-config';
import { everyPreset } from './presets';
import type { SizeRule } from './size-rule';

/**
 * Returns the smallest size of a model that accepts none below the final one, where a preset would have smaller stages;
 * else null. Such a preset changes only the magnitude, so it saves no compute.
 *
 * @param size the run's final size, px
 */
export function withoutSmallerSizes({ preset, stages }: ScheduleConfig, size: number, rule: SizeRule): number | null {
  const named = everyPreset().find(({ id }) => id === preset);
  const wouldBeSmaller = named?.stages.some(({ bandwidth }) => bandwidth !== 'final') ?? false;
  return wouldBeSmaller && stages.every(({ bandwidth }) => bandwidth === size) ? rule.min : null;
}
