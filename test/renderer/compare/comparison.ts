/** Makes a comparison of two runs as a host sends it. */
import type { Comparison } from '../../../src/shared/contract/compare';
import type { Published } from '../../../src/renderer/views/compare/published';
import { metricName } from '../../../src/renderer/format/metric-name';
import { i18n } from '../../../src/renderer/i18n';
import { singles } from '../../../src/renderer/views/compare/seed-groups';
import type { TableInput } from '../../../src/renderer/views/compare/table-parts';
import { run } from '../runs/rows';

export const PAPER: Published = {
  ...{ id: 'deit-t', paper: 'Wang et al.', where: 'Table 5', model: 'DeiT-T', data: 'ImageNet-1K', epochs: 200 },
  ...{ method: 'EfficientTrain++', top1: 0.737, speedup: 1.64, speedup_compute: 1.56 },
  ...{ size: 224, gpu_days: null, measures: {}, note: null },
};

export const BASE = run({ id: 'a', name: 'constant_50%', wall_seconds: 100, equivalent_epochs: 10 });
export const OTHER = run({ id: 'b', name: 'curriculum', wall_seconds: 60, equivalent_epochs: 10 });

export type Figures = NonNullable<Comparison['metrics'][string][string]>;
export const figures = (best: number | null, last: number): Figures => ({
  ...{ count: 3, last, last_step: 30, min: Math.min(best ?? last, last), max: Math.max(best ?? last, last) },
  ...{ best, best_step: best === null ? null : 20, delta_last: null, delta_best: null },
});

const config = { model: 'deit_micro', dataset: 'd1', seed: 0, 'optimizer.base_lr': 0.004 };

export const input = (fields: Partial<TableInput> = {}): TableInput => ({
  groups: singles([BASE, OTHER]),
  comparison: {
    ...{ baseline: 'a', runs: [], config_differences: {}, same_accuracy: null },
    metrics: {
      'val/top1': { a: figures(0.7, 0.68), b: figures(0.75, 0.75) },
      'val/loss': { a: figures(1.5, 1.6), b: figures(1.75, 1.8) },
      grad_norm: { a: figures(null, 2), b: null },
      epoch: { a: figures(null, 9), b: figures(null, 9) },
      'val/images': { a: figures(null, 250), b: figures(null, 300) },
    },
    configs: { a: { ...config, name: 'x' }, b: { ...config, name: 'y', seed: 1 } },
  },
  ...{ published: [], costs: [], accuracy: null, headline: 'val/top1', statistic: 'best', digits: 1, comparable: true },
  word: (key, values = {}) => [key, ...Object.values(values)].join(' '),
  metricName: (name) => metricName(name, i18n.global.t),
  duration: (seconds) => `${seconds} s`,
  ...fields,
});
