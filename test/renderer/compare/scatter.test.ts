/** Runs as points, and along parallel axes. */
import { describe, expect, it } from 'vitest';
import type { Comparison } from '../../../src/shared/contract/compare';
import type { RunSummary } from '../../../src/shared/contract/runs';
import { sidesOf } from '../../../src/renderer/charts/scatter-names';
import { parallelCsv } from '../../../src/renderer/views/compare/parallel-file';
import { firstAxes, parallelAxes } from '../../../src/renderer/views/compare/parallel-model';
import { quantitiesOf, SPENT } from '../../../src/renderer/views/compare/quantities';
import { scatterCsv } from '../../../src/renderer/views/compare/scatter-file';
import { runScatter, type RunScatterInput } from '../../../src/renderer/views/compare/run-scatter';
import { groupBySeed, singles } from '../../../src/renderer/views/compare/seed-groups';
import { run } from '../runs/rows';
import { figures } from './comparison';

/** [id, spent, best val/top1, learning rate, model] */
type Row = readonly [string, number, number | null, number, string];

function compared(rows: readonly Row[]) {
  const runs = rows.map(([id, , , , model], seed) => run({ id, name: id, model, seed, series: seed }));
  const comparison: Comparison & { configs: Record<string, Record<string, unknown>> } = {
    ...{ baseline: 'a', config_differences: {}, same_accuracy: null },
    runs: rows.map(([id, equivalent_epochs_done]) => ({
      ...{ id, name: id, state: 'completed', model: '', dataset: '', preset: '', step: 1, steps: 1, seconds: 1 },
      ...{ equivalent_epochs: 10, equivalent_epochs_done, best: null, val_images: null, time_spent: null },
    })),
    metrics: {
      'val/top1': Object.fromEntries(rows.map(([id, , top1]) => [id, top1 === null ? null : figures(top1, top1)])),
    },
    configs: Object.fromEntries(
      rows.map(([id, , , lr, model], seed) => [id, { model, seed, 'optimizer.base_lr': lr, 'ema.decay': null }]),
    ),
  };
  const quantities = quantitiesOf({
    ...{
      runs,
      comparison,
      statistic: 'best',
      word: (key) => key,
      metricName: (key) => key,
      duration: (seconds) => `${seconds} s`,
    },
  });
  return { runs, comparison, quantities };
}

const ROWS: Row[] = [
  ['a', 10, 0.7, 1e-3, 'deit'],
  ['b', 5, 0.72, 1e-2, 'resnet'],
  ['c', 4, 0.6, 1e-1, 'deit'],
  ['d', 6, null, 1e-3, 'swin'],
];

function scatter(
  rows: readonly Row[] = ROWS,
  fields: { x?: string; y?: string; colour?: RunScatterInput['colour']; seeds?: boolean } = {},
) {
  const { runs, comparison, quantities } = compared(rows);
  const find = (id: string) => quantities.find((quantity) => quantity.id === id) as (typeof quantities)[number];
  return runScatter({
    groups: fields.seeds ? groupBySeed(runs, comparison.configs) : singles(runs),
    ...{ x: find(fields.x ?? SPENT), y: find(fields.y ?? 'metric val/top1'), colour: fields.colour ?? 'model' },
    ...{ duration: (seconds: number) => `${seconds} s`, columns: 600, rows: 300 },
  });
}

describe('quantities', () => {
  it('are costs, metrics, and those numbers of the configuration that differ', () => {
    const { quantities } = compared(ROWS);
    expect(quantities.map(({ id }) => id)).toEqual([
      ...[SPENT, 'planned', 'time', 'metric val/top1', 'field optimizer.base_lr', 'field seed'],
    ]);
  });

  it('read a value of a run, null where it has none', () => {
    const { runs, quantities } = compared(ROWS);
    const read = (id: string): (number | null)[] =>
      runs.map((one: RunSummary) => quantities.find((quantity) => quantity.id === id)?.valueOf(one) ?? null);
    expect(read(SPENT)).toEqual([10, 5, 4, 6]);
    expect(read('metric val/top1')).toEqual([0.7, 0.72, 0.6, null]);
  });
});

describe('the scatter', () => {
  it('places runs that have both values, and names those that do not', () => {
    const { points, without, categories } = scatter();
    expect(points.map(({ group, x, y }) => [group.id, x, y])).toEqual([
      ['a', 10, 0.7],
      ['b', 5, 0.72],
      ['c', 4, 0.6],
    ]);
    expect(without.map(({ id }) => id)).toEqual(['d']);
    expect(categories).toEqual([
      { name: 'deit', series: 0 },
      { name: 'resnet', series: 9 },
    ]);
  });

  it('has those on the front that no cheaper run equals', () => {
    expect(scatter().front.map(({ group }) => group.id)).toEqual(['c', 'b']);
    expect(
      scatter([...ROWS, ['e', 5, 0.5, 1, 'x'], ['f', 20, 0.72, 1, 'x']]).front.map(({ group }) => group.id),
    ).toEqual(['c', 'b']);
  });

  it('has no front where nothing is better', () => {
    expect(scatter(ROWS, { x: 'field seed' }).front).toEqual([]);
  });

  it('counts learning rates in decades', () => {
    const { x, points } = scatter(ROWS, { x: 'field optimizer.base_lr' });
    expect(x.log).toBe(true);
    expect(x.drawn(0.01)).toBeCloseTo(-2);
    for (const point of points) expect(x.range[0] <= x.drawn(point.x) && x.drawn(point.x) <= x.range[1]).toBe(true);
    expect(scatter(ROWS, { x: 'field seed' }).x.log).toBe(false);
  });

  it('has seeds as one point with its spread, within the frame', () => {
    const { points, y } = scatter(
      [
        ['a', 10, 0.7, 1e-3, 'deit'],
        ['b', 10, 0.8, 1e-3, 'deit'],
      ],
      { seeds: true },
    );
    expect(points).toHaveLength(1);
    expect(points[0]?.y).toBeCloseTo(0.75);
    expect(points[0]?.spreadY).toBeCloseTo(0.0707, 4);
    expect(y.range[0]).toBeLessThanOrEqual(0.75 - 0.0707);
  });

  it('keeps each run’s own colour where the colour means the run', () => {
    expect(scatter(ROWS.slice(1, 3), { colour: 'run' }).categories).toEqual([
      { name: 'b', series: 0 },
      { name: 'c', series: 1 },
    ]);
  });

  it('writes a name where it covers no other point, and the fewest lines cross it', () => {
    const near: Row[] = [
      ['a run with a name', 9, 0.7, 1, 'x'],
      ['b', 9.4, 0.7, 1, 'x'],
      ['c as well', 8.6, 0.7, 1, 'x'],
      ['low', 1, 0.1, 1, 'x'],
    ];
    const model = scatter(near);
    const sides = sidesOf(model, 20, 11);
    // The front's step crosses the right side of the last.
    expect(model.points.map((point) => sides.get(point))).toEqual(['top', 'right', 'left', 'left']);
    const alone = { ...model, front: [] };
    expect(sidesOf(alone, 20, 11).get(alone.points[3]!)).toBe('right');
  });

  it('leaves a name to the card where points are on all sides', () => {
    const around = [0, 1, 2].flatMap((x) => [0, 1, 2].map((y): Row => [`${x}${y}`, 9 + x / 50, 0.7 + y / 50, 1, 'x']));
    const model = scatter([...around, ['far', 1, 0.1, 1, 'x'], ['off', 19, 0.99, 1, 'x']]);
    const sides = sidesOf(model, 20, 11);
    const middle = model.points.find(({ name }) => name === '11')!;
    expect(sides.get(middle)).toBeUndefined();
    expect(sides.size).toBeGreaterThan(0);
  });

  it('can do without a run', () => {
    const { points, x, y } = scatter([['d', 6, null, 1e-3, 'swin']], { y: 'planned' });
    expect(points).toHaveLength(1);
    expect([...x.range, ...y.range].every(Number.isFinite)).toBe(true);
  });

  it('is a file with every number in full', () => {
    expect(scatterCsv(scatter(), 'Model').split('\r\n').slice(0, 2)).toEqual([
      'run,n,Model,spent,spent std,val/top1,val/top1 std',
      'a,1,deit,10,,0.7,',
    ]);
  });
});

describe('parallel axes', () => {
  const axesOf = (rows: readonly Row[]) => {
    const { runs, comparison, quantities } = compared(rows);
    return { groups: singles(runs), axes: parallelAxes({ groups: singles(runs), comparison, quantities }) };
  };

  it('are what differs, words as categories, then what it cost and what came of it', () => {
    const { axes } = axesOf(ROWS);
    expect(axes.map(({ id }) => id)).toEqual([
      ...['field model', 'field optimizer.base_lr', 'field seed', SPENT, 'planned', 'time', 'metric val/top1'],
    ]);
    expect(axes[0]).toMatchObject({ words: ['deit', 'resnet', 'swin'], values: [0, 1, 0, 2] });
    expect(axes.at(-1)?.values).toEqual([0.7, 0.72, 0.6, null]);
    expect(firstAxes(axes, 'val/top1')).not.toContain('planned');
  });

  it('are a file with words as words', () => {
    const { groups, axes } = axesOf(ROWS);
    expect(parallelCsv(groups, axes.slice(0, 2)).split('\r\n').slice(0, 2)).toEqual([
      'run,n,model,optimizer.base_lr',
      'a,1,deit,0.001',
    ]);
  });
});
