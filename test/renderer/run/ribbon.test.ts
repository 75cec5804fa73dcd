/** The schedule above the charts. */
import { describe, expect, it } from 'vitest';
import type { StageShade } from '../../../src/renderer/charts/line-chart';
import { isSame, ofOneSide, ribbonBars, stageAt, zoomOf } from '../../../src/renderer/views/run/ribbon';

const ENDS = [20, 50, 100];
const SIDES = [0.5, 0.5, 1];
const stages = ENDS.map((to, index): StageShade => ({
  ...{ from: ENDS[index - 1] ?? 0, to, index, count: 3, side: SIDES[index] as number },
}));

describe('the ribbon', () => {
  it('has the stages of the view at the places that the charts give them', () => {
    expect(ribbonBars(stages, [0, 100]).map(({ left, width }) => [left, width])).toEqual([
      [0, 0.2],
      [0.2, 0.3],
      [0.5, 0.5],
    ]);
  });

  it('labels each change of B once', () => {
    expect(ofOneSide(ribbonBars(stages, [0, 100])).map(({ index, left, width }) => [index, left, width])).toEqual([
      [0, 0, 0.5],
      [2, 0.5, 0.5],
    ]);
  });

  it('cuts a stage at the edges of the view, and leaves out the others', () => {
    const bars = ribbonBars(stages, [25, 45]);
    expect(bars.map(({ index, left, width }) => [index, left, width])).toEqual([[1, 0, 1]]);
    const endless = { ...(stages[2] as StageShade), to: Infinity };
    expect(ribbonBars([...stages.slice(0, 2), endless], [0, 100]).at(-1)).toMatchObject({ left: 0.5, width: 0.5 });
  });

  it('zooms to as much of a stage as the run has reached', () => {
    expect([zoomOf(stages[1], 100), zoomOf(stages[1], 30), zoomOf(stages[1], 20), zoomOf(undefined, 9)]).toEqual([
      [20, 50],
      [20, 30],
      null,
      null,
    ]);
    expect([isSame([20, 50], [20, 50]), isSame([20, 50], [20, 30]), isSame(null, null)]).toEqual([true, false, false]);
  });

  it('finds the stage of an x', () => {
    expect([0, 19, 20, 99, 100, -1].map((x) => stageAt(stages, x))).toEqual([0, 0, 1, 2, 2, 0]);
  });
});
