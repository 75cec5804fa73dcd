/** Describes a search for hosts: its trials by candidate, what it has found, and what is left to do. */
import type { SearchDetails, SearchTrial } from '../../../shared/contract/searches';
import { LIVE_STATES, shownState, type ShownState } from '../../../shared/run-state';
import { nextTrials } from '../../../shared/search/next';
import { mostToCome, schedulePrice } from '../../../shared/search/price';
import type { Store } from '../../store/open';
import { runById, type Run } from '../../store/runs';
import { trialsOf, type TrialRow } from '../../store/search-trials';
import type { Search } from '../../store/searches';
import { listDatasets } from '../../store/datasets';
import { knownOf, measuredOf, trainedSchedules } from './known-trials';
import { pricesOf, problemOf } from './trial-config';

/** Returns the run that a trial trains now or has trained last. */
const presentRun = (store: Store, { run, finetune }: TrialRow): Run | null => {
  const id = finetune ?? run;
  return id === null ? null : runById(store, id);
};

/**
 * Returns a trial's state. A trial between its two runs, or before the first, is queued, because the search continues
 * with it.
 */
function stateOf(store: Store, trial: TrialRow): ShownState {
  if (trial.state !== 'open') return trial.state;
  const run = presentRun(store, trial);
  const state = run && shownState(run);
  return state === null || state === 'completed' || state === 'not_started' ? 'queued' : state;
}

const sameSubject = (one: TrialRow, other: TrialRow): boolean =>
  JSON.stringify(one.subject) === JSON.stringify(other.subject);

/** Groups the trainings by candidate, the first seed's first. */
function grouped(trials: readonly TrialRow[]): TrialRow[][] {
  const groups: TrialRow[][] = [];
  for (const trial of trials) {
    const group = groups.find(([first]) => first !== undefined && sameSubject(first, trial));
    if (group) group.push(trial);
    else groups.push([trial]);
  }
  return groups;
}

function trialJson(store: Store, { spec }: Search, group: readonly TrialRow[], all: readonly TrialRow[]): SearchTrial {
  const [first] = group as [TrialRow];
  const schedule = first.subject ?? [];
  const bandwidth = (spec.algorithm === 1 ? schedule[0] : schedule.at(-1)) as number;
  const shared = schedule.findIndex((side) => side !== bandwidth);
  const stage = spec.algorithm === 1 && shared > 0 ? shared - 1 : schedule.length - 1;
  const states = group.map((trial) => stateOf(store, trial));
  const measured = measuredOf(all, first.subject);
  return {
    ...{ id: String(first.number), run: first.run, finetune_run: first.finetune, stage, bandwidth, steps: first.steps },
    top1: states.every((state) => state === 'failed') ? null : (measured?.top1 ?? null),
    ...{ n: group.find(({ n }) => n !== null)?.n ?? null, seeds: measured?.seeds ?? 0 },
    cost: group.reduce((sum, { cost }) => sum + cost, 0),
    state: states.find((state) => state !== 'completed') ?? 'completed',
  };
}

export function searchDetails(store: Store, search: Search): SearchDetails {
  const { spec, id, name, state, chosen, preset, error, reason, created, started, ended } = search;
  const trials = trialsOf(store, id);
  const [problem, prices, known] = [problemOf(spec), pricesOf(spec), knownOf(trials)];
  const groups = grouped(trials.filter(({ subject }) => subject !== null));
  const baseline = trials.find(({ subject }) => subject === null);
  const done = trials.filter(({ state: of }) => of !== 'open');
  const [spent, seconds] = [
    done.reduce((sum, { cost }) => sum + cost, 0),
    trials.reduce((sum, trial) => sum + trial.seconds, 0),
  ];
  const toCome = state === 'completed' ? 0 : mostToCome(problem, prices, known, trainedSchedules(trials)).epochs;
  const live = trials.map((trial) => presentRun(store, trial)).find((run) => run && LIVE_STATES.includes(run.state));
  return {
    search: {
      ...{ id, state, algorithm: spec.algorithm },
      baseline: { run: baseline?.run ?? null, top1: measuredOf(trials, null)?.top1 ?? null, cost: spec.baseline_cost },
      trials: groups.map((group) => trialJson(store, search, group, trials)),
      chosen: chosen && [...chosen],
      cost: chosen && schedulePrice(problem, prices, chosen),
      ...{ budget: spec.budget, preset },
    },
    ...{ name, created, started, ended, error, reason, spec },
    dataset_name: listDatasets(store).find((dataset) => dataset.id === spec.base.dataset)?.name ?? null,
    runs: trials.map((trial) => ({
      ...{ number: trial.number, schedule: trial.subject && [...trial.subject], seed: trial.seed, run: trial.run },
      ...{ finetune_run: trial.finetune, state: stateOf(store, trial), top1: trial.top1, n: trial.n },
      ...{ cost: trial.cost, seconds: trial.seconds },
    })),
    progress: {
      ...{ spent, to_come: toCome, seconds: search.seconds, trial_seconds: seconds },
      seconds_to_come: spent > 0 ? (toCome * done.reduce((sum, trial) => sum + trial.seconds, 0)) / spent : null,
      decided: nextTrials(problem, known).decided,
      live_run: live?.id ?? null,
    },
  };
}
