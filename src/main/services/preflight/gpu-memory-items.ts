/** The preflight's checks of a GPU's memory. Pure. */
import type { Gpu } from '../../../shared/contract/devices';
import type { PreflightItem } from '../../../shared/contract/plans';
import type { MeasuredStage } from './dry-run';
import { item } from './item';

type Stage = Pick<MeasuredStage, 'bandwidth' | 'batch'>;

/** Compares the estimate of the largest stage with the GPU's memory, before real steps are risked. */
export function predictedGpuMemory({ bandwidth, batch }: Stage, needed: number, gpu: Gpu): PreflightItem {
  const facts = { ...{ needed, total: gpu.memory_total, index: gpu.index }, bandwidth, batch };
  if (needed > gpu.memory_total) return item('memory', 'error', 'gpu_predicted_over', facts);
  return item('memory', needed > 0.8 * gpu.memory_total ? 'warning' : 'good', 'gpu_predicted', facts);
}

/**
 * Reports the memory of real steps, by the GPU's figures before TensorFlow was loaded and after the steps. TensorFlow
 * takes memory in growing parts and keeps it, so this is more than a step holds; a step that did not fit would have
 * failed.
 */
export function measuredGpuMemory({ bandwidth, batch }: Stage, before: Gpu, after: Gpu): PreflightItem {
  const needed = Math.max(after.memory_used - before.memory_used, 0);
  const available = before.memory_total - before.memory_used;
  return item('memory', 'good', 'gpu_measured', { ...{ needed, available, index: after.index }, bandwidth, batch });
}
