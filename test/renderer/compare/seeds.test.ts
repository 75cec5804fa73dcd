/**
 * Runs that differ only in their seed: which runs belong together, their mean and spread, and what can be concluded
 * from a difference.
 */
import { describe, expect, it } from 'vitest';
import { bandColumns } from '../../../src/renderer/charts/band-columns';
import { chartModel, type ChartSeries } from '../../../src/renderer/charts/chart-model';
import { meanCurve } from '../../../src/renderer/views/compare/mean-curve';
import { commonName, groupBySeed } from '../../../src/renderer/views/compare/seed-groups';
import { beyondSpread, interval95, std } from '../../../src/renderer/views/compare/spread';
import { tableCsv } from '../../../src/renderer/views/compare/table-file';
import { tableRows } from '../../../src/renderer/views/compare/table-model';
import { curveOf, VIEW } from '../charts/support';
import { run } from '../runs/rows';
import { figures, input, type Figures } from './comparison';

const config = { model: 'deit_micro', 'optimizer.base_lr': 0.004, 'data.workers': 2 };

describe('seeds of one configuration', () => {
  it('are one group whatever their name, workers and checkpoints; another learning rate is another group', () => {
    const runs = ['a', 'b', 'c', 'd'].map((id, seed) => run({ id, seed, name: `deit s${id}` }));
    const groups = groupBySeed(runs, {
      a: { ...config, name: 'x', seed: 0 },
      b: { ...config, 'optimizer.base_lr': 0.002, seed: 0 },
      c: { ...config, name: 'y', seed: 1, 'data.workers': 4, 'checkpoint.every_seconds': 60 },
    });
    expect(groups.map((group) => group.runs.map(({ id }) => id))).toEqual([['a', 'c'], ['b'], ['d']]);
    expect(groups.map(({ name }) => name)).toEqual(['deit', 'deit sb', 'deit sd']);
  });

  it('count each seed once: a repetition has the same numbers and no spread', () => {
    const runs = [0, 1, 0].map((seed, at) => run({ id: String(at), seed }));
    const groups = groupBySeed(runs, Object.fromEntries(runs.map(({ id, seed }) => [id, { ...config, seed }])));
    expect(groups.map((group) => group.runs.map(({ id }) => id))).toEqual([['0', '1'], ['2']]);
  });

  it.each([
    [['deit-96 s0', 'deit-96 s1'], 'deit-96'],
    [['class 0', 'class 1'], 'class'],
    [['resnet_seed=1', 'resnet_seed=2'], 'resnet'],
    [['seed-1-deit', 'seed-2-deit'], 'seed-1-deit'],
    [['one', 'other'], 'one'],
  ])('%j are named %s', (names, expected) => expect(commonName(names)).toBe(expected));
});

describe('spread over seeds', () => {
  it('is the sample standard deviation, and a 95 % interval by Student’s t', () => {
    expect(std([2, 4, 6])).toBe(2);
    expect(std([2])).toBeNull();
    expect(std([0.1, 0.1, 0.1])).toBe(0);
    // t(2) = 4.303
    expect(interval95([2, 4, 6])).toBeCloseTo((4.303 * 2) / Math.sqrt(3), 6);
  });

  it('tells a difference from what seeds differ by', () => {
    expect(beyondSpread([0.7, 0.71, 0.72], [0.8, 0.81, 0.82])).toBe(true);
    expect(beyondSpread([0.7, 0.75, 0.8], [0.72, 0.77, 0.82])).toBe(false);
    expect(beyondSpread([0.9], [0.7, 0.71, 0.72])).toBe(true);
    expect(beyondSpread([0.9], [0.8])).toBeNull();
  });
});

describe('the table over seeds', () => {
  const of = (values: readonly number[], ids: string): Record<string, Figures> =>
    Object.fromEntries(values.map((value, at) => [ids[at], figures(value, value)]));
  const runs = [...'abcd'].map((id, seed) => run({ id, name: id, seed, wall_seconds: 10 * (seed + 1) }));
  const configs = Object.fromEntries(
    runs.map(({ id, seed }) => [id, { ...config, seed, 'optimizer.base_lr': id < 'c' ? 0.004 : 0.002 }]),
  );
  const over = (top1: readonly number[]) =>
    input({
      groups: groupBySeed(runs, configs),
      comparison: { ...input().comparison, metrics: { 'val/top1': of(top1, 'abcd') }, configs },
    });
  const rowOf = (top1: readonly number[], id = 'metric val/top1') => tableRows(over(top1)).find((row) => row.id === id);

  it('has the mean with one standard deviation, and all seeds on hover', () => {
    const cells = rowOf([0.7, 0.72, 0.9, 0.92])?.cells;
    expect(cells?.map(({ text }) => text)).toEqual(['71.0 ± 1.4 %', '91.0 ± 1.4 %']);
    expect(cells?.[0]?.title).toContain('seed_value 0 0.7, seed_value 1 0.72');
    expect(cells?.[1]).toMatchObject({
      best: true,
      count: 2,
      delta: { text: '+20.0 pp', better: true, withinSpread: false },
    });
  });

  it('calls nothing better that lies within the spread', () => {
    expect(rowOf([0.7, 0.76, 0.72, 0.78])?.cells[1]?.delta).toMatchObject({ better: null, withinSpread: true });
  });

  it('says of how many seeds a mean is where some have no value', () => {
    expect(rowOf([0.7])?.cells[0]).toMatchObject({ text: '70.0 %', note: 'part_of_seeds 1 2' });
    expect(rowOf([0.7])?.cells[1]).toMatchObject({ text: '–', note: '' });
  });

  it('lists the seeds, and what else the configuration has once', () => {
    expect(rowOf([0.7, 0.7, 0.7, 0.7], 'seed')?.cells.map(({ text }) => text)).toEqual(['0, 1', '2, 3']);
    expect(rowOf([0.7, 0.7, 0.7, 0.7], 'optimizer.base_lr')?.cells.map(({ text }) => text)).toEqual(['0.004', '0.002']);
  });

  it('is a file with the deviation and the number of seeds in columns of their own', () => {
    const rows = tableRows(over([0.5, 0.75, 0.9, 0.92])).slice(0, 1);
    const [head, first] = tableCsv({
      columns: ['x', 'y'],
      corner: 'Quantity',
      rows,
      groupWord: (group) => group,
    }).split('\r\n');
    expect(head).toBe('group,Quantity,x,x std,x n,y,y std,y n');
    expect(first).toMatch(/^result,Val top-1,0\.625,0\.1767\d+,2,0\.91,0\.0141\d+,2$/);
  });
});

describe('the mean curve', () => {
  it('has one standard deviation to either side', () => {
    const mean = meanCurve([curveOf([1, 2, 3]), curveOf([3, 4, 5])]);
    expect(mean.mean).toEqual([2, 3, 4]);
    expect(mean.max[0]).toBeCloseTo(2 + Math.SQRT2);
    expect(mean.min[0]).toBeCloseTo(2 - Math.SQRT2);
  });

  it('ends where the first seed does, and has the steps of the coarsest', () => {
    const fine = curveOf([0, 10, 20, 30, 40, 50], { step: [0, 10, 20, 30, 40, 50] });
    const coarse = curveOf([1, 21, 41], { step: [5, 25, 45], width: 20 });
    const short = curveOf([0, 40], { step: [0, 40] });
    const mean = meanCurve([fine, coarse, short]);
    expect(mean.step).toEqual([5, 25]);
    expect(mean.mean[0]).toBeCloseTo((5 + 1 + 5) / 3);
    expect(mean.mean[1]).toBeCloseTo((25 + 21 + 25) / 3);
  });

  it('is broken where any of its seeds is', () => {
    const broken = curveOf([1, 2, 3], { not_finite: 2, gaps: [2] });
    expect(meanCurve([curveOf([1, 2, 3]), broken])).toMatchObject({ not_finite: 2, gaps: [2] });
  });
});

describe('a band around a line', () => {
  const series: ChartSeries = {
    ...{ id: 'a', label: 'deit', token: '--series-0', dash: 'solid', marker: 'circle', band: true },
    curve: curveOf([2, 3, 4], { min: [1, 1, 3], max: [3, 5, 5] }),
  };

  it('lies within the frame and takes the place of the faint line', () => {
    const { drawn, y } = chartModel([series], VIEW);
    expect(drawn[0]?.faint).toBeNull();
    expect([...(drawn[0]?.band?.high ?? [])]).toEqual([1, 3, 2, 5, 3, 5]);
    expect(y[1]).toBeGreaterThanOrEqual(5);
    expect(chartModel([series], { ...VIEW, log: true, smoothing: 0.9 }).drawn[0]?.band?.low).toHaveLength(6);
  });

  it('reaches below a logarithmic frame where its edge has no logarithm', () => {
    const low = { ...series, curve: curveOf([2, 3], { min: [-1, 1], max: [5, 5] }) };
    const { drawn, y } = chartModel([low], { ...VIEW, log: true });
    expect(drawn[0]?.band?.low[1]).toBeLessThan(y[0]);
    expect(y.every(Number.isFinite)).toBe(true);
  });

  it('is a column of its own in table and file', () => {
    const [line, reach] = bandColumns([series], (label) => `${label} std`);
    expect(line?.curve.mean).toEqual([2, 3, 4]);
    expect(reach).toMatchObject({ label: 'deit std', curve: { mean: [1, 2, 1] } });
  });
});
