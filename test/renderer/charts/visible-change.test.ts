import { describe, expect, it } from 'vitest';
import type { Curve } from '../../../src/shared/contract/metrics';
import { chartModel, type ChartModel } from '../../../src/renderer/charts/chart-model';
import { looksDifferent } from '../../../src/renderer/charts/visible-change';
import { curveOf, noise } from './support';

const COLUMNS = 500;

/** Makes a curve of a thousand buckets of a hundred steps each, up to `last`. */
function long(last: number, change: (values: number[]) => number[] = (values) => values): Curve {
  const count = Math.ceil(last / 100);
  const step = Array.from({ length: count }, (_, index) => Math.min((index + 1) * 100, last));
  return curveOf(change(step.map((at) => Math.exp(-at / 50_000) + 0.1 * noise(Math.ceil(at / 100)))), {
    step,
    width: 100,
  });
}

const shown = (curve: Curve, token = '--series-0', zoom: [number, number] | null = null): ChartModel =>
  chartModel([{ id: 'train/loss', label: 'train', token, dash: 'solid', marker: 'circle', curve, span: 200_000 }], {
    ...{
      xAxis: 'step',
      yScale: 'auto',
      smoothing: 0.9,
      log: false,
      unit: '',
      zoom,
      hidden: new Set<string>(),
      all: false,
      stacked: false,
    },
    ...{ columns: COLUMNS, rows: 200 },
  });

describe('a chart with newer points', () => {
  const drawn = shown(long(100_000));

  it('looks the same until they are a pixel on', () => {
    expect(looksDifferent(drawn, shown(long(100_040)), COLUMNS)).toBe(false);
    expect(looksDifferent(drawn, shown(long(100_190)), COLUMNS)).toBe(false);
    expect(looksDifferent(drawn, shown(long(100_210)), COLUMNS)).toBe(true);
  });

  it('looks the same where they lie behind a zoomed range', () => {
    const part = shown(long(100_000), '--series-0', [0, 50_000]);
    expect(looksDifferent(part, shown(long(100_000), '--series-0', [0, 50_000]), COLUMNS)).toBe(false);
  });

  it('looks different where the past has changed, the frame moves or another line is meant', () => {
    const past = long(100_000, (values) => values.with(500, 0.5));
    const peak = long(100_000, (values) => values.with(-1, 9));
    expect(looksDifferent(drawn, shown(past), COLUMNS)).toBe(true);
    expect(looksDifferent(drawn, shown({ ...long(100_000), not_finite: 1 }), COLUMNS)).toBe(true);
    expect(looksDifferent(drawn, shown(long(100_000), '--series-1'), COLUMNS)).toBe(true);
    expect(looksDifferent(drawn, { ...drawn, drawn: [] }, COLUMNS)).toBe(true);
    expect(looksDifferent(drawn, { ...drawn, y: [0, 9] }, COLUMNS)).toBe(true);
    expect(shown(peak).drawn).toHaveLength(1);
  });

  it('looks different with every point where points can be told apart', () => {
    const few = (count: number): Curve => curveOf(Array.from({ length: count }, (_, index) => index / 100));
    const first = shown(few(10));
    expect(first.drawn[0]?.sparse).toBe(true);
    expect(looksDifferent(first, shown(few(10)), COLUMNS)).toBe(false);
    expect(looksDifferent(first, shown(few(11)), COLUMNS)).toBe(true);
  });
});
