/** The single checks of a preflight. Each returns the window's sentence and its facts. */
import { statfsSync } from 'node:fs';
import { availableParallelism, freemem, totalmem } from 'node:os';
import type { Gpu } from '../../../shared/contract/devices';
import type { PreflightItem } from '../../../shared/contract/plans';
import { keptCheckpoints } from '../../../shared/curriculum/kept-checkpoints';
import type { Plan } from '../../../shared/curriculum/plan';
import type { RunConfig } from '../../../shared/run-config';
import { sumOf } from '../../../shared/tally';
import { loadBinding } from '../../engine/backend/load';
import { locateEngine } from '../../engine/backend/locate';
import type { Dataset } from '../../store/datasets';
import type { Store } from '../../store/open';
import { failure, item } from './item';
import { verifyDataset } from '../datasets/dataset-files';
import type { MeasuredStage } from './dry-run';
import { predictedGpuMemory } from './gpu-memory-items';
import { hostBytes } from './host-bytes';
import { stateBytes } from './state-bytes';
import { estimateMemory } from './memory-estimate';
import { makePrivateHome } from '../../base/private-home';

/** Loads TensorFlow, so that a broken engine shows here and not in the trainer. */
export function engineItem(): PreflightItem {
  const engine = locateEngine();
  const cores = availableParallelism();
  if (engine.kind === 'tfjs-cpu') return item('engine', 'warning', 'fallback', { cores, why: engine.why });
  try {
    const binding = loadBinding();
    return item('engine', 'good', binding.isUsingGpuDevice() ? 'gpu' : 'cpu', { cores, version: binding.TF_Version });
  } catch (error) {
    return failure(error, 'engine');
  }
}

export async function datasetItem(store: Store, dataset: Dataset): Promise<PreflightItem> {
  try {
    await verifyDataset(store, dataset);
  } catch (error) {
    return failure(error, 'dataset');
  }
  const count = Object.values(dataset.record.counts).reduce((sum, counts) => sum + sumOf(counts), 0);
  return item('dataset', 'good', 'good', { images: count, name: dataset.name });
}

/** Counts the kept checkpoints, one that is being written, and the best. */
export function diskItem(home: string, config: RunConfig, classes: number, plan: Plan): PreflightItem {
  makePrivateHome(home);
  const { bavail, bsize } = statfsSync(home);
  const free = bavail * bsize;
  const checkpoints = keptCheckpoints(config) + 1;
  const needed = checkpoints * stateBytes(config, classes, plan);
  const facts = { free, needed, checkpoints };
  if (free < needed) return item('disk', 'error', 'full', facts);
  return free < 3 * needed ? item('disk', 'warning', 'low', facts) : item('disk', 'good', 'good', facts);
}

/** Checks the machine's own memory, which a GPU's steps leave to the loader; null where it suffices. */
export function hostMemoryItem(config: RunConfig, plan: Plan, total = totalmem()): PreflightItem | null {
  const needed = hostBytes(config, plan);
  return needed > total ? item('memory', 'error', 'loader_over', { needed, total }) : null;
}

/**
 * Compares the estimate of the largest stage with the machine's memory, or the GPU's where it is to be one, before real
 * steps are risked. Null where nothing can be estimated.
 */
export function predictedMemory(
  config: RunConfig,
  classes: number,
  plan: Plan,
  gpu: Gpu | null = null,
): PreflightItem | null {
  const stages = estimateMemory(config, classes, plan);
  const largest = stages.toSorted((a, b) => b.bytes - a.bytes)[0];
  if (!largest) return null;
  if (gpu) return predictedGpuMemory(largest, largest.bytes, gpu);
  const needed = largest.bytes + hostBytes(config, plan);
  const facts = { needed, total: totalmem(), bandwidth: largest.bandwidth, batch: largest.batch };
  if (needed > totalmem()) return item('memory', 'error', 'predicted_over', facts);
  return item('memory', needed > 0.8 * totalmem() ? 'warning' : 'good', 'predicted', facts);
}

/** Compares the memory of real steps with the available memory. */
export function memoryItem(config: RunConfig, plan: Plan, measured: readonly MeasuredStage[]): PreflightItem {
  const largest = measured.toSorted((a, b) => b.peak_bytes - a.peak_bytes)[0] as MeasuredStage;
  const needed = largest.peak_bytes + hostBytes(config, plan);
  // This process's memory is free again when the trainer starts.
  const available = Math.min(freemem() + process.memoryUsage.rss(), totalmem());
  const facts = { needed, available, total: totalmem(), bandwidth: largest.bandwidth, batch: largest.batch };
  if (needed > totalmem()) return item('memory', 'error', 'over', facts);
  return needed > available ? item('memory', 'warning', 'tight', facts) : item('memory', 'good', 'measured', facts);
}
