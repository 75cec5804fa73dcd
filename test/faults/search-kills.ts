/** A search that is killed repeatedly, and an uninterrupted one. */
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'vitest';
import { searchRequestSchema, type SearchDetails } from '../../src/shared/contract/searches';
import { rngOf } from '../../src/shared/random';
import { searchDetails } from '../../src/main/services/search/details';
import { searchSpec } from '../../src/main/services/search/new-search';
import type { Dataset } from '../../src/main/store/datasets';
import type { Store } from '../../src/main/store/open';
import { livePids, reconcileRuns } from '../../src/main/store/runs';
import { createSearch, queueSearch, reconcileSearches, searchById, type Search } from '../../src/main/store/searches';
import { pointsOf } from '../../src/main/store/metrics';
import { withStore } from '../support/with-store';

export const SET = [
  'engine.intra_op_threads=2',
  'engine.inter_op_threads=1',
  'data.workers=1',
  'optimizer.base_lr=0.1',
];

export function newSearch(home: string, dataset: Dataset, asked: object, set: readonly string[] = SET): Search {
  const request = searchRequestSchema.parse({
    ...{ dataset: dataset.id, model: 'resnet_micro', size: 32, batch: 16, ...asked },
  });
  return withStore(home, (store) => createSearch(store, request.name, searchSpec({ dataset, request, set })));
}

/** Opens the database for as long as `use` takes, after what vanished processes have left is recorded. */
export const reconciled = <T>(home: string, use: (store: Store) => T): T =>
  withStore(home, (store) => {
    reconcileRuns(store);
    reconcileSearches(store);
    return use(store);
  });

export const detailsOf = (home: string, id: string): SearchDetails =>
  reconciled(home, (store) => searchDetails(store, searchById(store, id) as Search));

function searcher(home: string, id: string): ChildProcess {
  // A killed search is queued again once the database says that its process is gone, as every host finds out first.
  reconciled(home, (store) => queueSearch(store, id));
  return spawn(process.execPath, [join(import.meta.dirname, '../../out/main/searcher.js'), home, id, '--detached'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

const ended = (child: ChildProcess): Promise<string | number | null> =>
  new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code)));

/** Searches to the end, in a process of its own. */
export async function searchOn(home: string, id: string): Promise<SearchDetails> {
  expect(await ended(searcher(home, id))).toBe(0);
  return detailsOf(home, id);
}

function killAtOnce(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    // The process has ended by itself in the meantime.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/**
 * Kills the searcher `kills` times at moments drawn from `seed`, every other time its trainer with it, and then lets it
 * finish.
 * @returns the number of kills that hit
 */
export async function killOften(
  home: string,
  id: string,
  { kills, seed, within }: Record<'kills' | 'seed' | 'within', number>,
): Promise<number> {
  const rng = rngOf(seed);
  let done = 0;
  for (let attempt = 0; attempt < kills; attempt++) {
    const child = searcher(home, id);
    const how = ended(child);
    const timer = setTimeout(
      () => {
        const trainers = attempt % 2 ? reconciled(home, livePids) : [];
        child.kill('SIGKILL');
        trainers.forEach(killAtOnce);
      },
      Math.floor(rng.uniform() * within),
    );
    const by = await how;
    clearTimeout(timer);
    if (by === 'SIGKILL') done++;
    else return done;
  }
  return done;
}

/** Returns what has to be the same in two searches: all trials and their results. */
export const findings = ({ search, runs }: SearchDetails): unknown => ({
  ...{ state: search.state, chosen: search.chosen, cost: search.cost, baseline: search.baseline.top1 },
  trials: search.trials.map(({ stage, bandwidth, steps, top1, n, seeds, cost, state }) => ({
    ...{ stage, bandwidth, steps, top1, n, seeds, cost, state },
  })),
  runs: runs.map(({ schedule, seed, top1, cost }) => ({ schedule, seed, top1, cost })),
});

/** Returns the losses of every run of a search, in the order of its trials. */
export const lossesOf = (home: string, { runs }: SearchDetails): unknown =>
  reconciled(home, (store) =>
    runs.map(({ run, finetune_run }) =>
      [run, finetune_run].map((id) => (id === null ? null : pointsOf(store, id, 'train/loss'))),
    ),
  );
