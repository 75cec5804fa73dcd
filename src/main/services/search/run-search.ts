/**
 * Makes a search's trials, one after the other, until nothing is left to try. Its whole state is in the database, and
 * the next trial is a function of that, so a search that was killed at any moment continues when it is run again.
 */
import { errorData } from '../../../shared/errors';
import { nextTrials } from '../../../shared/search/next';
import type { Schedule } from '../../../shared/search/problem';
import type { Progress } from '../../engine/train/protocol';
import { databasePath } from '../../base/home';
import { openStore, type Store } from '../../store/open';
import { saveOwnPreset } from '../../store/own-presets';
import type { Run } from '../../store/runs';
import { trialOf, trialsOf, type TrialRow } from '../../store/search-trials';
import {
  askedOfSearch,
  beatSearch,
  claimSearch,
  endSearch,
  reconcileSearches,
  searchById,
  setChosen,
  setSearchPreset,
  type Search,
  type SearchEnd,
} from '../../store/searches';
import { watchWork, type EarlyEnd, type WorkWatch } from '../processes/watch-work';
import { knownOf } from './known-trials';
import { pruneStates } from './prune-states';
import { runTrial, TrialEnded } from './run-trial';
import { problemOf, searchStages } from './trial-config';

export interface RunSearchOptions {
  home: string;
  id: string;
  /** Aborted: the trial saves a checkpoint, and the search is stopped. */
  signal: AbortSignal;
  /** Aborted: the same, but nobody has asked for it, so the search is interrupted. */
  gone: AbortSignal;
  /** Aborted: the trial's trainer is killed. */
  force: AbortSignal;
  onProgress: (trial: TrialRow, run: Run, progress: Progress) => void;
  onLog: (line: string) => void;
}

/** Runs a search. @returns the search at its end @throws AppError bad_state, not_found */
export async function runSearch(options: RunSearchOptions): Promise<Search> {
  const { home, id, signal, gone } = options;
  const store = openStore(databasePath(home));
  try {
    reconcileSearches(store);
    const owner = claimSearch(store, id, process.pid);
    const hours = searchNow(store, id).spec.max_hours;
    const reason = 'It has taken the hours that max_hours allows. Each resume allows as many again.';
    const watch = watchWork({
      signal,
      gone,
      limit: hours === null ? undefined : { hours, reason },
      asked: () => askedOfSearch(store, id, owner),
      beat: (seconds) => beatSearch(store, id, owner, seconds),
    });
    let end: SearchEnd;
    try {
      end = { ...(await makeTrials(store, options, watch)), error: null };
    } catch (error) {
      end = endAfter(error, watch.early());
    } finally {
      watch.close();
    }
    savePreset(store, id);
    endSearch(store, id, owner, end);
    return searchNow(store, id);
  } finally {
    store.close();
  }
}

const searchNow = (store: Store, id: string): Search => searchById(store, id) as Search;

/** Makes the trials that are still wanted. @throws TrialEnded, and whatever makes a trial impossible */
async function makeTrials(
  store: Store,
  options: RunSearchOptions,
  { signal, early }: WorkWatch,
): Promise<Pick<SearchEnd, 'state' | 'reason'>> {
  for (;;) {
    const asked = early();
    if (asked) return asked;
    const search = searchNow(store, options.id);
    const { spec } = search;
    const trials = trialsOf(store, search.id);
    const problem = problemOf(spec);
    const after = nextTrials(problem, knownOf(trials));
    setChosen(store, search.id, after.chosen, after.decided);
    pruneStates(options.home, store, { problem, name: search.name }, trials, after);
    const [next] = after.wanted;
    if (!next) return { state: 'completed', reason: '' };
    const seeds = Array.from({ length: next.seeds }, (_, index) => spec.base.seed + index);
    const seed = seeds.find((candidate) => trialOf(store, search.id, next.subject, candidate).state === 'open');
    if (seed === undefined) throw new Error(`no trial is left of ${JSON.stringify(next)}`);
    await runTrial({ ...options, store, search, signal }, trialOf(store, search.id, next.subject, seed));
  }
}

function endAfter(error: unknown, early: EarlyEnd | null): SearchEnd {
  if (early && error instanceof TrialEnded) return { ...early, error: null };
  if (error instanceof TrialEnded) {
    const { run } = error;
    return { state: 'stopped', error: null, reason: `Run ${run.name} was ${run.state} outside the search.` };
  }
  console.error(error);
  return { state: 'failed', error: errorData(error), reason: '' };
}

/** Saves the schedule chosen so far, under one title, so that a search has one preset however often it is stopped. */
function savePreset(store: Store, search: string): void {
  const { id, name, spec, chosen } = searchNow(store, search);
  if (chosen === null) return;
  const preset = saveOwnPreset(store, presetOfSearch(name, id, spec, chosen));
  setSearchPreset(store, id, preset.id);
}

/** Returns the schedule that a search has found as a user's preset. */
export const presetOfSearch = (
  name: string,
  id: string,
  { stages, algorithm, base }: Pick<Search['spec'], 'stages' | 'algorithm' | 'base'>,
  chosen: Schedule,
): Parameters<typeof saveOwnPreset>[1] => ({
  ...{ format: 'efficienttrain-schedule', version: 1, title: name === id ? name : `${name} (${id})` },
  ...{ share_of: algorithm === 1 ? 'epochs' : 'compute', size: base.size, stages: searchStages(stages, chosen) },
  ...(algorithm === 1 && { lr_progress: 'images' as const }),
});
