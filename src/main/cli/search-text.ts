/** Formats a search as text. */
import type { SearchDetails } from '../../shared/contract/searches';
import { duration, NONE, percent, significant, table } from './format';

const scheduleText = (schedule: readonly number[] | null): string => (schedule === null ? NONE : schedule.join(', '));

/** Says what the search has taken so far and will take at most. */
function progressLine({ progress, search }: SearchDetails): string {
  const { spent, to_come, seconds, seconds_to_come } = progress;
  const took = `${significant(spent, 4)} equivalent epochs so far, in ${duration(seconds)}`;
  if (search.state === 'completed') return `${took}.`;
  const left = seconds_to_come === null ? '' : `, about ${duration(seconds_to_come)}`;
  return `${took}; at most ${significant(to_come, 4)} to come${left}.`;
}

/** States the rule by which trials are compared, and what decides where noise hides their difference. */
function ruleText({ algorithm, seeds, max_seeds, tolerance, overlap }: SearchDetails['spec']): string {
  const by = tolerance > 0 ? ` by more than ${(100 * tolerance).toFixed(1)} points` : '';
  const more = max_seeds > seeds ? ` First they get another seed each, up to ${max_seeds}.` : '';
  const rules = {
    cheaper1: `a trial fails where its 95 % interval lies below the baseline's${by}. Where they overlap, the trial is taken, because it is the cheaper one.`,
    mean1: `a trial fails where its mean is below the baseline's${by}.`,
    cheaper2: `a candidate is worse where its 95 % interval lies below that of the highest mean${by}. Of the others the cheapest is taken: the smallest bandwidth, and in the last stage the largest, which needs no fine-tuning behind it.`,
    mean2: `the highest mean of a stage is taken${by && `, or the smallest bandwidth that overlaps with it and is not worse${by}`}.`,
  };
  return `Rule: ${rules[`${overlap}${algorithm}` as const]}${more}`;
}

export function searchText(details: SearchDetails): string {
  const { search, name, spec, error, reason } = details;
  const { id, state, algorithm, baseline, trials, chosen, cost, budget, preset } = search;
  const rows = trials.map((trial) => [
    ...[trial.id, String(trial.stage + 1), String(trial.bandwidth), String(trial.steps), percent(trial.top1)],
    ...[String(trial.seeds), significant(trial.cost, 4), trial.state, trial.run ?? NONE],
  ]);
  const images = trials.find(({ n }) => n !== null)?.n ?? null;
  return [
    `Search ${name} (${id}): algorithm ${algorithm}, ${spec.base.model} at ${spec.base.size} px, ${spec.stages} stages of ${spec.candidates.join(', ')} px; ${state}.`,
    ...(reason ? [reason] : []),
    ...(error ? [`Error: ${error.what} ${error.why}`, `  next: ${error.next}`] : []),
    `Baseline: ${percent(baseline.top1)} for ${significant(baseline.cost, 4)} equivalent epochs${images === null ? '' : `, on ${images} images`}.`,
    ...(trials.length
      ? ['', table(['trial', 'stage', 'B', 'steps', 'top-1', 'seeds', 'epochs', 'state', 'run'], rows), '']
      : []),
    chosen === null
      ? 'Nothing is chosen yet.'
      : `Chosen: ${scheduleText(chosen)}, for ${significant(cost ?? 0, 4)} of ${significant(budget, 4)} equivalent epochs.`,
    ruleText(spec),
    progressLine(details),
    ...(preset === null ? [] : [`Next: efficienttrain train --preset ${preset} ...`]),
    ...(['stopped', 'interrupted', 'failed'].includes(state)
      ? [`Continue it with: efficienttrain search resume ${id}`]
      : []),
  ].join('\n');
}
