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
import type { ProcessIdentity } from '../../store/process-identity';
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

const LOOK_MS = 250;
/** Interval of heartbeats: each is a write that every window is notified of. */
const BEAT_MS = 5000;

/** Runs a search. @returns the search at its end @throws AppError bad_state, not_found */
export async function runSearch(options: RunSearchOptions): Promise<Search> {
  const store = openStore(databasePath(options.home));
  try {
    reconcileSearches(store);
    const owner = claimSearch(store, options.id, process.pid);
    await new Searcher(store, owner, options).run();
    return searchById(store, options.id) as Search;
  } finally {
    store.close();
  }
}

class Searcher {
  private readonly ending = new AbortController();
  /** Why it ends; null while it continues. */
  private asked: Pick<SearchEnd, 'state' | 'reason'> | null = null;
  private beatAt = performance.now();
  /** The time limit counts from each start. */
  private endsAt = Infinity;

  constructor(
    private readonly store: Store,
    private readonly owner: ProcessIdentity,
    private readonly options: RunSearchOptions,
  ) {}

  async run(): Promise<void> {
    const { signal, gone } = this.options;
    const [stop, vanish] = [
      (): void => this.end({ state: 'stopped', reason: '' }),
      (): void => this.end({ state: 'interrupted', reason: '' }),
    ];
    signal.addEventListener('abort', stop, { once: true });
    gone.addEventListener('abort', vanish, { once: true });
    if (signal.aborted) stop();
    if (gone.aborted) vanish();
    const hours = this.now().spec.max_hours;
    if (hours !== null) this.endsAt = performance.now() + 3_600_000 * hours;
    const timer = setInterval(() => this.look(), LOOK_MS);
    let end: SearchEnd;
    try {
      end = { ...(await this.search()), error: null };
    } catch (error) {
      end = this.endAfter(error);
    } finally {
      clearInterval(timer);
      signal.removeEventListener('abort', stop);
      gone.removeEventListener('abort', vanish);
    }
    this.beat();
    this.savePreset();
    endSearch(this.store, this.options.id, this.owner, end);
  }

  private async search(): Promise<Pick<SearchEnd, 'state' | 'reason'>> {
    const { store, options } = this;
    for (;;) {
      if (this.asked) return this.asked;
      const search = this.now();
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
      await runTrial(
        { ...options, store, search, signal: this.ending.signal },
        trialOf(store, search.id, next.subject, seed),
      );
    }
  }

  private endAfter(error: unknown): SearchEnd {
    if (this.asked && error instanceof TrialEnded) return { ...this.asked, error: null };
    if (error instanceof TrialEnded) {
      const { run } = error;
      return { state: 'stopped', error: null, reason: `Run ${run.name} was ${run.state} outside the search.` };
    }
    console.error(error);
    return { state: 'failed', error: errorData(error), reason: '' };
  }

  private now(): Search {
    return searchById(this.store, this.options.id) as Search;
  }

  private end(asked: Pick<SearchEnd, 'state' | 'reason'>): void {
    this.asked ??= asked;
    this.ending.abort();
  }

  private beat(): void {
    const now = performance.now();
    beatSearch(this.store, this.options.id, this.owner, (now - this.beatAt) / 1000);
    this.beatAt = now;
  }

  private look(): void {
    const asked = askedOfSearch(this.store, this.options.id, this.owner);
    if (asked === 'taken') return this.end({ state: 'interrupted', reason: '' });
    if (asked === 'stop') this.end({ state: 'stopped', reason: '' });
    if (performance.now() > this.endsAt)
      this.end({
        state: 'stopped',
        reason: 'It has taken the hours that max_hours allows. Each resume allows as many again.',
      });
    if (performance.now() - this.beatAt >= BEAT_MS) this.beat();
  }

  /** Saves the schedule chosen so far, under one title, so that a search has one preset however often it is stopped. */
  private savePreset(): void {
    const { id, name, spec, chosen } = this.now();
    if (chosen === null) return;
    const preset = saveOwnPreset(this.store, presetOfSearch(name, id, spec, chosen));
    setSearchPreset(this.store, id, preset.id);
  }
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
