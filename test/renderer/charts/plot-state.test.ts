/** The data that a chart paints. */
import { describe, expect, it } from 'vitest';
import { chartModel, type ChartModel, type ChartView } from '../../../src/renderer/charts/chart-model';
import { PlotState } from '../../../src/renderer/charts/plot-state';
import { curveOf, VIEW } from './support';

const ALL: ChartView = { ...VIEW, all: true, until: 10 };
const modelOf = (values: readonly number[], id = 'loss'): ChartModel =>
  chartModel([{ id, label: id, token: '--series-1', dash: 'solid', marker: 'circle', curve: curveOf(values) }], ALL);

describe('a chart', () => {
  it('is built whole at first, and then only where it looks different', () => {
    const state = new PlotState();
    expect(state.judge(modelOf([1, 2]), 400)).toEqual({ paint: true, anew: true });
    state.done(modelOf([1, 2]));
    expect(state.judge(modelOf([1, 2]), 400)).toEqual({ paint: false, anew: false });
    expect(state.judge(modelOf([1, 2, 1.5]), 400)).toEqual({ paint: true, anew: false });
  });

  it('is painted for a new mark, and built whole for another line or another look', () => {
    const state = new PlotState();
    state.done(modelOf([1, 2]));
    state.suggest('marks');
    expect(state.judge(modelOf([1, 2]), 400)).toEqual({ paint: true, anew: false });
    expect(state.judge(modelOf([1, 2], 'other'), 400)).toEqual({ paint: true, anew: true });
    state.demand('all');
    state.suggest('data');
    expect(state.judge(modelOf([1, 2]), 400)).toEqual({ paint: true, anew: true });
  });
});
