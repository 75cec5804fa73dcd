/** Returns what a search knows from its trials, and from which of them another can branch. */
import type { Known, Measured, Schedule, Subject } from '../../../shared/search/problem';
import { commonStages } from '../../../shared/search/price';
import { runFolder } from '../../base/home';
import { listCheckpoints } from '../../engine/train/checkpoint';
import type { Store } from '../../store/open';
import { runById } from '../../store/runs';
import type { TrialRow } from '../../store/search-trials';

const same = (one: Subject, other: Subject): boolean => JSON.stringify(one) === JSON.stringify(other);

/**
 * Returns the finished trials of a subject, by seed. A training that diverged has learnt nothing: its accuracy counts
 * as 0.
 */
const doneOf = (trials: readonly TrialRow[], subject: Subject): TrialRow[] =>
  trials.filter((trial) => trial.state !== 'open' && same(trial.subject, subject));

export function measuredOf(trials: readonly TrialRow[], subject: Subject): Measured | null {
  const done = doneOf(trials, subject);
  if (!done.length) return null;
  const images = trials.find(({ n }) => n !== null)?.n ?? 1;
  return { top1: done.reduce((sum, { top1 }) => sum + (top1 ?? 0), 0) / done.length, n: images, seeds: done.length };
}

export const knownOf =
  (trials: readonly TrialRow[]): Known =>
  (subject) =>
    measuredOf(trials, subject);

/** Returns the schedules that have been trained to their end. */
export const trainedSchedules = (trials: readonly TrialRow[]): Schedule[] =>
  trials.flatMap(({ subject, state }) => (subject !== null && state !== 'open' ? [subject] : []));

/**
 * Returns `RUN@K` for the longest beginning of a schedule that a trial of the same seed has trained and whose state
 * still exists; null where there is none.
 */
export function branchFor(
  home: string,
  store: Store,
  trials: readonly TrialRow[],
  { subject, seed }: { subject: Schedule; seed: number },
): string | null {
  const near = trials.flatMap(({ subject: other, seed: its, run }) =>
    other !== null && its === seed && run !== null
      ? [{ run, shared: Math.min(commonStages(other, subject), subject.length - 1) }]
      : [],
  );
  for (let stages = subject.length - 1; stages > 0; stages--) {
    for (const { run: id, shared } of near) {
      if (shared < stages) continue;
      const last = runById(store, id)?.plan.stages[stages - 1];
      const end = last && last.first_step + last.steps;
      if (listCheckpoints(runFolder(home, id)).some(({ step }) => step === end)) return `${id}@${stages}`;
    }
  }
  return null;
}
