import type { PreflightItem } from '../../../shared/contract/plans';
import { measureStages, type MeasuredStage, type MeasureOptions } from './dry-run';
import { item } from './item';

/** A smaller gain is within the error of a few steps. */
const WORTH_TELLING = 1.1;

/**
 * Measures the gain of bfloat16 products by a few real steps at the most expensive size; null where the run has them
 * already or they bring nothing.
 * @param float32 the measurement without them @param measure `measureStages`
 */
export async function autocastGain(
  options: MeasureOptions,
  float32: readonly MeasuredStage[],
  measure: typeof measureStages = measureStages,
): Promise<PreflightItem | null> {
  const { config, plan } = options;
  const slowest = float32.toSorted((a, b) => b.step_seconds - a.step_seconds)[0];
  if (config.engine.autocast || !slowest) return null;
  const { bandwidth, batch } = slowest;
  const stages = plan.stages.filter((stage) => stage.bandwidth === bandwidth && stage.batch === batch).slice(0, 1);
  const half = { ...config, engine: { ...config.engine, autocast: true } };
  const [measured] = await measure({ ...options, config: half, plan: { ...plan, stages } });
  const gain = measured ? slowest.step_seconds / measured.step_seconds : 0;
  return gain < WORTH_TELLING
    ? null
    : item('autocast', 'good', 'gain', { gain: Math.round(10 * gain) / 10, bandwidth });
}
