/** The schedule above a run's charts, on the x-axis that the charts show. Pure. */
import type { StageShade } from '../../charts/line-chart';
import { toShare, type Range } from '../../charts/scale';

export interface RibbonBar {
  index: number;
  /** Left end and width as shares of the plot's width. */
  left: number;
  width: number;
  /** B / final size, which sets its height and its colour. */
  side: number;
}

/** Returns the stages that are in the view, at least partly. */
export function ribbonBars(stages: readonly StageShade[], view: Range): RibbonBar[] {
  return stages
    .filter(({ from, to }) => to > view[0] && from < view[1])
    .map(({ from, to, index, side }) => {
      const [left, right] = [toShare(Math.max(from, view[0]), view), toShare(Math.min(to, view[1]), view)];
      return { index, left, width: right - left, side };
    });
}

/** Joins neighbours of equal B, which get one label; the index is the first one's. */
export function ofOneSide(bars: readonly RibbonBar[]): RibbonBar[] {
  const groups: RibbonBar[] = [];
  for (const bar of bars) {
    const last = groups.at(-1);
    if (last?.side === bar.side) last.width = bar.left + bar.width - last.left;
    else groups.push({ ...bar });
  }
  return groups;
}

/** Returns the part of a stage that the run has reached, to zoom to; null: it has not begun. */
export function zoomOf(stage: StageShade | undefined, until: number): Range | null {
  if (!stage || stage.from >= until) return null;
  return [stage.from, Math.min(stage.to, until)];
}

/** Returns the stage that contains `x`; the last one contains its own end. */
export const stageAt = (stages: readonly StageShade[], x: number): number =>
  Math.max(
    stages.findLastIndex(({ from }) => from <= x),
    0,
  );

export const isSame = (a: Range | null, b: Range | null): boolean =>
  a !== null && b !== null && a[0] === b[0] && a[1] === b[1];
