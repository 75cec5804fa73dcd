/** Places the stages of a run on each x. Pure. */
import type { Curve } from '../../../shared/contract/metrics';
import type { RunDetails } from '../../../shared/contract/runs';
import { firstAfter, type XAxis } from '../../charts/curve-data';
import type { StageShade } from '../../charts/line-chart';

type Plan = RunDetails['plan'];

/** Returns the value of `axis` at the end of each stage; on a measured axis, a stage that has not ended has no end. */
function borders(plan: Plan, axis: XAxis, curve: Curve | undefined): number[] {
  let [epochs, share] = [0, 0];
  return plan.stages.map(({ first_step, steps, batch, share: own }) => {
    const end = first_step + steps;
    epochs += (steps * batch) / plan.samples;
    share += own;
    if (axis === 'step') return end;
    if (axis === 'epoch') return epochs;
    if (axis === 'equivalent_epochs') return share * plan.totals.equivalent_epochs;
    return secondsAt(curve, end);
  });
}

/**
 * Interpolates between two recorded steps. It returns none for a step not reached yet, because a moving end would
 * redraw all charts with every step.
 */
function secondsAt(curve: Curve | undefined, step: number): number {
  if (!curve?.step.length) return 0;
  if (step > (curve.step.at(-1) as number)) return Infinity;
  const after = firstAfter(curve.step, step);
  const [left, right] = [Math.max(after - 1, 0), Math.min(after, curve.step.length - 1)];
  const [from, to] = [curve.step[left] as number, curve.step[right] as number];
  const [low, high] = [curve.seconds[left] as number, curve.seconds[right] as number];
  return to > from && step > from ? low + ((high - low) * (step - from)) / (to - from) : low;
}

/** Places the stages. @param curve any of the run, for the time axis */
export function stageShades(
  { plan, size }: { plan: Plan; size: number },
  axis: XAxis,
  curve: Curve | undefined,
): StageShade[] {
  const ends = borders(plan, axis, curve);
  return ends.map((to, index) => ({
    ...{ from: index ? (ends[index - 1] as number) : 0, to, index, count: ends.length },
    side: (plan.stages[index]?.bandwidth ?? size) / size,
  }));
}
