import { describe, expect, it } from 'vitest';
import type { RunDetails } from '../../../src/shared/contract/runs';
import { CHARTS, largeCharts, seriesOf } from '../../../src/renderer/views/run/run-series';
import { curveOf } from '../charts/support';

const run = { summary: { id: 'r', series: 0 }, plan: { totals: { steps: 40 } } } as unknown as RunDetails;

describe('the series of a run', () => {
  it('are broken at stage borders where they are smoothed, or measured at the size of the stage', () => {
    const curves = new Map(CHARTS.flatMap(({ parts }) => parts.map(({ name }) => [name, curveOf([1, 2])] as const)));
    const broken = CHARTS.flatMap((chart) => seriesOf(chart, curves, run, [20], String))
      .filter(({ ends }) => ends?.[0] === 20)
      .map(({ id }) => id);
    expect(broken).toEqual([
      ...['train/loss', 'val/loss_stage', 'train/top1', 'val/top1_stage'],
      ...['grad_norm', 'throughput', 'compute_ms', 'loader_wait_ms'],
    ]);
  });
});

describe('the large charts of a run', () => {
  const ids = (recorded: string[], headline: string | null): string[] =>
    largeCharts(recorded, headline).map(({ id }) => id);

  it('have accuracy from the start where that is what the run is judged by', () => {
    expect(ids([], 'val/top1')).toEqual(['loss', 'accuracy']);
  });

  it('have none for a run that is judged by its loss, and k-NN accuracy as soon as there is one', () => {
    expect(ids(['train/loss', 'val/loss'], 'val/loss')).toEqual(['loss']);
    expect(ids(['train/loss', 'val/knn_top1'], 'val/loss')).toEqual(['loss', 'knn']);
  });
});
