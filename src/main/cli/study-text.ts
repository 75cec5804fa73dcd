/** Studies as text. */
import type { CheckpointsReport } from '../services/study/checkpoints';
import type { FrequencyReport, StudyCurve } from '../services/study/frequency';
import { percent, significant, table } from './format';

const curveName = ({ radius }: StudyCurve): string => (radius === null ? 'unfiltered' : `radius ${radius}`);

function curveRow(curve: StudyCurve): string[] {
  const { runs, leaves } = curve;
  const last = curve.curve.at(-1);
  const done = runs.filter(({ state }) => state === 'completed').length;
  return [
    ...[curveName(curve), `${done} of ${runs.length}`],
    last ? `${percent(last.top1)} (${percent(last.low)} to ${percent(last.high)})` : '-',
    ...(leaves ? [String(leaves.step), percent(leaves.progress)] : ['-', '-']),
  ];
}

export function frequencyText({ id, model, size, images, curves, fit }: FrequencyReport): string {
  return [
    `Frequency study ${id}: ${model}, ${size} px${images === null ? '' : `, ${images} validation images`}`,
    table(['trained on', 'runs', 'top-1 at the end', 'leaves at step', 'progress'], curves.map(curveRow)),
    'A curve leaves the unfiltered one where it is beyond its 95 % interval for three evaluations in a row.',
    fit === null
      ? 'Fewer than two radii leave it, so there is no line of progress on radius.'
      : `Least squares over ${fit.points} radii: progress = ${significant(fit.intercept, 3)} + ${significant(fit.slope, 3)} x radius${fit.r2 === null ? '' : `, R2 ${significant(fit.r2, 3)}`}.`,
  ].join('\n');
}

export const checkpointsText = ({ run, images, weights, views, checkpoints }: CheckpointsReport): string =>
  [
    `Checkpoints of run ${run} on ${images} validation images, weights ${weights}: top-1`,
    table(
      ['step', 'progress', ...views],
      checkpoints.map(({ step, progress, views: figures }) => [
        ...[String(step), percent(progress)],
        ...views.map((view) => percent(figures[view]?.top1)),
      ]),
    ),
  ].join('\n');
