/** The table `search_trials`: the trials of a search, and their results. */
import type { Subject } from '../../shared/search/problem';
import { fromJson } from './json-column';
import type { Store } from './open';

export interface TrialRow {
  number: number;
  subject: Subject;
  /** Seed of its runs. */
  seed: number;
  run: string | null;
  finetune: string | null;
  /** Number of steps that `run` trains itself. */
  steps: number;
  /** Equivalent epochs of both runs. */
  cost: number;
  /** Whether it has been measured; `failed`: its training diverged. */
  state: 'open' | 'completed' | 'failed';
  top1: number | null;
  n: number | null;
  /** Seconds from the start of its trainers to their ends. */
  seconds: number;
}

interface Stored extends Omit<TrialRow, 'subject' | 'run' | 'finetune'> {
  schedule: string;
  run_id: string | null;
  finetune_id: string | null;
}

const fromRow = ({ schedule, run_id, finetune_id, ...row }: Stored): TrialRow => ({
  ...row,
  subject: fromJson<Subject>(schedule),
  run: run_id,
  finetune: finetune_id,
});

const COLUMNS = 'number, schedule, seed, run_id, finetune_id, steps, cost, state, top1, n, seconds';

/** Returns the trials in the order in which they were begun. */
export const trialsOf = (store: Store, search: string): TrialRow[] =>
  store
    .prepare<[string], Stored>(`SELECT ${COLUMNS} FROM search_trials WHERE search_id = ? ORDER BY number`)
    .all(search)
    .map(fromRow);

/** Returns the trial of a subject and seed, and creates it where there is none. */
export function trialOf(store: Store, search: string, subject: Subject, seed: number): TrialRow {
  store
    .prepare(
      `INSERT OR IGNORE INTO search_trials (search_id, number, schedule, seed, state)
        VALUES (@search, (SELECT coalesce(max(number) + 1, 1) FROM search_trials WHERE search_id = @search), @schedule, @seed, 'open')`,
    )
    .run({ search, schedule: JSON.stringify(subject), seed });
  const row = store
    .prepare<[string, string, number], Stored>(
      `SELECT ${COLUMNS} FROM search_trials WHERE search_id = ? AND schedule = ? AND seed = ?`,
    )
    .get(search, JSON.stringify(subject), seed);
  return fromRow(row as Stored);
}

/** Records the run that trains a trial, or that fine-tunes it, and its addition to the trial's cost. */
export function setTrialRun(
  store: Store,
  search: string,
  number: number,
  { run, finetune, steps, cost }: Partial<Pick<TrialRow, 'run' | 'finetune' | 'steps'>> & { cost: number },
): void {
  store
    .prepare(
      `UPDATE search_trials SET run_id = coalesce(?, run_id), finetune_id = coalesce(?, finetune_id), steps = coalesce(?, steps),
        cost = ? WHERE search_id = ? AND number = ?`,
    )
    .run(run ?? null, finetune ?? null, steps ?? null, cost, search, number);
}

export function addTrialSeconds(store: Store, search: string, number: number, seconds: number): void {
  store
    .prepare('UPDATE search_trials SET seconds = seconds + ? WHERE search_id = ? AND number = ?')
    .run(seconds, search, number);
}

/** Records the result. @param measured null: its training diverged */
export function finishTrial(
  store: Store,
  search: string,
  number: number,
  measured: { top1: number; n: number } | null,
): void {
  store
    .prepare('UPDATE search_trials SET state = ?, top1 = ?, n = ? WHERE search_id = ? AND number = ?')
    .run(measured ? 'completed' : 'failed', measured?.top1 ?? null, measured?.n ?? null, search, number);
}
