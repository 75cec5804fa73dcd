/** Averages several seeds' curves, with one standard deviation to either side as its minimum and maximum. Pure. */
import type { Curve } from '../../../shared/contract/metrics';
import { firstAfter } from '../../charts/curve-data';
import { mean, std } from './spread';

type Column = 'mean' | 'epoch' | 'equivalent_epochs' | 'seconds';

/**
 * Interpolates a column linearly between two of its steps, because seeds that were thinned differently have no step in
 * common.
 */
function valueAt(curve: Curve, column: Column, step: number): number {
  const after = firstAfter(curve.step, step);
  const values = curve[column];
  const [left, right] = [values[after - 1] as number, values[after]];
  const from = curve.step[after - 1] as number;
  if (right === undefined || from === step) return left;
  return left + ((right - left) * (step - from)) / ((curve.step[after] as number) - from);
}

/**
 * Averages as far as all of them go: a mean of the remaining ones would rise or fall when one ends. The steps are those
 * of the coarsest.
 */
export function meanCurve(curves: readonly [Curve, ...Curve[]]): Curve {
  const present = curves.filter(({ step }) => step.length > 0);
  const grid = present.toSorted((a, b) => b.width - a.width || a.step.length - b.step.length)[0] ?? curves[0];
  const first = Math.max(...present.map(({ step }) => step[0] as number));
  const last = Math.min(...present.map(({ step }) => step.at(-1) as number));
  const step = grid.step.filter((at) => at >= first && at <= last);
  const column = (name: Column): number[] => step.map((at) => mean(present.map((curve) => valueAt(curve, name, at))));
  const spread = step.map((at) => std(present.map((curve) => valueAt(curve, 'mean', at))) ?? 0);
  const middle = column('mean');
  return {
    ...{ name: grid.name, width: grid.width, step, mean: middle },
    min: middle.map((value, at) => value - (spread[at] as number)),
    max: middle.map((value, at) => value + (spread[at] as number)),
    epoch: column('epoch'),
    equivalent_epochs: column('equivalent_epochs'),
    seconds: column('seconds'),
    not_finite: curves.reduce((sum, curve) => sum + curve.not_finite, 0),
    gaps: [...new Set(curves.flatMap(({ gaps }) => gaps))].sort((a, b) => a - b),
  };
}
