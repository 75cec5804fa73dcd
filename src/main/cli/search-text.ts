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
    progressLine(details),
    ...(preset === null ? [] : [`Next: efficienttrain train --preset ${preset} ...`]),
    ...(['stopped', 'interrupted', 'failed'].includes(state)
      ? [`Continue it with: efficienttrain search resume ${id}`]
      : []),
  ].join('\n');
}
