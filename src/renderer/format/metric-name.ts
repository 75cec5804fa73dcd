/** Names a metric for people: `val/top1` in the store is "Val top-1" on every screen. */
import { seriesOfName } from '../../shared/metrics';

/** Quantities that are measured on a split, by their id in src/shared/metrics.ts. */
const MEASURED = new Set(['top1', 'top5', 'loss', 'knn_top1']);
const SPLITS = new Set(['val', 'train']);
const OTHERS = new Set(['throughput', 'lr', 'grad_norm', 'compute_ms', 'loader_wait_ms', 'memory_mb']);

/** Returns the name. @param t the window's strings @returns the key itself where it is not one of ours */
export function metricName(key: string, t: (message: string, values?: Record<string, unknown>) => string): string {
  if (OTHERS.has(key)) return t(`metrics.${key}`);
  const { split, metric, variant } = seriesOfName(key);
  if (split === null || !SPLITS.has(split) || !MEASURED.has(metric.id)) return key;
  const name = t(`metrics.${split}_${metric.id}`);
  return variant === null ? name : t(`metrics.${variant}`, { name });
}
