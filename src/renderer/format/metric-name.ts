/** A metric's name for people: `val/top1` in the store is "Val top-1" on every screen. */
const MEASURED = /^(val|train)\/(top1|top5|loss)(?:_(ema|stage))?$/;
const OTHERS = new Set(['throughput', 'lr', 'grad_norm', 'compute_ms', 'loader_wait_ms', 'memory_mb']);

/** @param t the window's strings @returns the key itself where it is none of ours */
export function metricName(key: string, t: (message: string, values?: Record<string, unknown>) => string): string {
  if (OTHERS.has(key)) return t(`metrics.${key}`);
  const [, split, quantity, weights] = MEASURED.exec(key) ?? [];
  if (split === undefined) return key;
  const name = t(`metrics.${split}_${quantity}`);
  return weights === undefined ? name : t(`metrics.${weights}`, { name });
}
