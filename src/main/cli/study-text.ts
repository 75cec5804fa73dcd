/** Formats studies as text. */
import type { CheckpointsStudy, FrequencyStudy, StudyCurve, StudyDetails } from '../../shared/contract/studies';
import { NONE, percent, significant, table } from './format';

const curveName = ({ radius }: StudyCurve): string => (radius === null ? 'unfiltered' : `radius ${radius}`);

function curveRow(curve: StudyCurve, seeds: number): string[] {
  const { runs, leaves } = curve;
  const last = curve.curve.at(-1);
  const done = runs.filter(({ state }) => state === 'completed').length;
  return [
    ...[curveName(curve), `${done} of ${seeds}`],
    last ? `${percent(last.top1)} (${percent(last.low)} to ${percent(last.high)})` : NONE,
    ...(leaves ? [String(leaves.step), percent(leaves.progress)] : [NONE, NONE]),
  ];
}

function frequencyLines(study: FrequencyStudy): string[] {
  const { id, model, size, images, curves, fit, state, seeds } = study;
  return [
    `Frequency study ${id}: ${model}, ${size} px${images === null ? '' : `, ${images} validation images`}; ${state}.`,
    table(
      ['trained on', 'runs', 'top-1 at the end', 'leaves at step', 'progress'],
      curves.map((curve) => curveRow(curve, seeds)),
    ),
    'A curve leaves the unfiltered one where it is beyond its 95 % interval for three evaluations in a row.',
    fit === null
      ? 'Fewer than two radii leave it, so there is no line of progress on radius.'
      : `Least squares over ${fit.points} radii: progress = ${significant(fit.intercept, 3)} + ${significant(fit.slope, 3)} x radius${fit.r2 === null ? '' : `, R2 ${significant(fit.r2, 3)}`}.`,
  ];
}

const checkpointsLines = ({ id, run, images, weights, views, checkpoints, state }: CheckpointsStudy): string[] => [
  `Study ${id} of the checkpoints of run ${run}${images === null ? '' : ` on ${images} validation images`}${weights === null ? '' : `, weights ${weights}`}: top-1; ${state}.`,
  table(
    ['step', 'progress', ...views],
    checkpoints.map(({ step, progress, views: figures }) => [
      ...[String(step), percent(progress)],
      ...views.map((view) => percent(figures[view]?.top1)),
    ]),
  ),
];

export const studyText = ({ study, error, progress }: StudyDetails): string =>
  [
    ...(study.kind === 'frequency' ? frequencyLines(study) : checkpointsLines(study)),
    ...(error ? [`Error: ${error.what} ${error.why}`, `  next: ${error.next}`] : []),
    ...(progress.resumable ? [`Resume it with: efficienttrain study resume ${study.id}`] : []),
  ].join('\n');

export function studiesText(studies: readonly StudyDetails[]): string {
  if (!studies.length)
    return 'No studies yet. Start one: efficienttrain study frequency --dataset flowers --model resnet18';
  const rows = studies.map(({ study, run, progress: { done, total } }) => [
    ...[study.id, study.kind, study.state],
    study.kind === 'frequency' ? `${study.model}, ${study.size} px` : (run?.name ?? study.run),
    ...[study.radii.join(', '), `${done} of ${total}`],
  ]);
  return table(['id', 'kind', 'state', 'of', 'radii', 'done'], rows);
}
