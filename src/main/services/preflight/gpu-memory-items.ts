/** The preflight's look at a GPU's memory. Pure. */
import type { Gpu } from '../../../shared/contract/devices';
import type { PreflightItem } from '../../../shared/contract/plans';
import type { MeasuredStage } from './dry-run';
import { item } from './item';

type Stage = Pick<MeasuredStage, 'bandwidth' | 'batch'>;

/** Before real steps are risked: the estimate of the largest stage against what the GPU has. */
export function predictedGpuMemory({ bandwidth, batch }: Stage, needed: number, gpu: Gpu): PreflightItem {
  const facts = { ...{ needed, total: gpu.memory_total, index: gpu.index }, bandwidth, batch };
  if (needed > gpu.memory_total) return item('memory', 'error', 'gpu_predicted_over', facts);
  return item('memory', needed > 0.8 * gpu.memory_total ? 'warning' : 'good', 'gpu_predicted', facts);
}

/**
 * What real steps took, by what the GPU says before TensorFlow was loaded and after them. TensorFlow takes memory in
 * growing parts and keeps it, so this is more than a step holds; what did not fit would have failed.
 */
export function measuredGpuMemory({ bandwidth, batch }: Stage, before: Gpu, after: Gpu): PreflightItem {
  const needed = Math.max(after.memory_used - before.memory_used, 0);
  const available = before.memory_total - before.memory_used;
  return item('memory', 'good', 'gpu_measured', { ...{ needed, available, index: after.index }, bandwidth, batch });
}
