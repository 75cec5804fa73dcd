/** Names and values of series as every screen writes them. */
import { describe, expect, it } from 'vitest';
import { metricName } from '../../../src/renderer/format/metric-name';
import { metricValue } from '../../../src/renderer/format/metric-value';
import { i18n } from '../../../src/renderer/i18n';

const name = (key: string): string => metricName(key, i18n.global.t);

describe('a metric', () => {
  it('has one name, with its split and its weights', () => {
    expect(['val/top1', 'val/loss', 'val/loss_ema', 'val/knn_top1', 'lr', 'val/unheard_of'].map(name)).toEqual([
      ...['Val top-1', 'Val loss', 'Val loss, EMA', 'Val k-NN top-1', 'Learning rate', 'val/unheard_of'],
    ]);
  });

  it('is written in its unit', () => {
    const written = [
      metricValue('val/top1', 0.7143),
      metricValue('val/knn_top1_ema', 0.5),
      metricValue('val/loss', 0.81237),
      metricValue('throughput', 1284.2),
      metricValue('val/loss', null),
    ];
    expect(written).toEqual(['71.4 %', '50.0 %', '0.8124', '1,284 img/s', '–']);
  });
});
