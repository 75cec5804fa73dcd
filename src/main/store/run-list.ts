/** Lists all runs in short, for tables: one query, and nothing parsed that a row doesn't show. */
import type { RunSummary } from '../../shared/contract/runs';
import { runOfInit } from '../../shared/run-init';
import { isLive, type RunState } from '../../shared/run-state';
import { parseBest } from './best';
import { fromJson } from './json-column';
import type { Store } from './open';
import type { RunBrief } from './run-plan';

interface Row extends Omit<
  RunSummary,
  keyof RunBrief | 'best' | 'progress' | 'error' | 'tags' | 'archived' | 'parent'
> {
  state: RunState;
  brief: string;
  best: string | null;
  progress: string | null;
  error: string | null;
  tags: string;
  archived: 0 | 1;
}

const COLUMNS = `runs.id, runs.name, state, dataset_id AS dataset, datasets.name AS dataset_name, model, runs.created, started, ended,
  step, steps, best, wall_seconds, progress, error, tags, archived, trashed, queue_position, series, brief`;
const FROM = 'FROM runs LEFT JOIN datasets ON datasets.id = dataset_id';

/** Parsed briefs by their text, which never changes while lists are read again and again. */
const briefs = new Map<string, RunBrief>();
const MOST_BRIEFS = 20_000;

export function briefOf(text: string): RunBrief {
  const known = briefs.get(text);
  if (known) return known;
  if (briefs.size >= MOST_BRIEFS) briefs.clear();
  // Versions with a single task don't name it, and runs from random weights may not say so.
  const read = JSON.parse(text) as Omit<RunBrief, 'task' | 'init'> & Partial<RunBrief>;
  const brief: RunBrief = { task: 'classify', init: null, ...read };
  briefs.set(text, brief);
  return brief;
}

/** Returns the parent. A run's configuration names the checkpoint that it started from, once that is frozen. */
function parentOf(init: string | null): RunSummary['parent'] {
  const named = init === null ? null : runOfInit(init);
  return named === null || named.step === null ? null : { run: named.run, step: named.step };
}

function summaryOf({ brief, best, progress, error, tags, archived, ...row }: Row): RunSummary {
  const inShort = briefOf(brief);
  return {
    ...row,
    ...inShort,
    best: parseBest(best),
    // The progress of a killed trainer says nothing about now.
    progress: isLive(row.state) ? fromJson(progress) : null,
    error: row.state === 'failed' ? fromJson(error) : null,
    tags: tags === '[]' ? [] : fromJson(tags),
    archived: archived === 1,
    parent: parentOf(inShort.init),
  };
}

/** Returns all runs, newest first. */
export const runSummaries = (store: Store): RunSummary[] =>
  store.prepare<[], Row>(`SELECT ${COLUMNS} ${FROM} ORDER BY runs.created DESC, runs.id`).all().map(summaryOf);

/** The one row of `revisions`. */
interface Revisions {
  /** Revision of the last change. */
  last: number;
  /** Revision of the last removal. */
  removed: number;
}

export interface RunChanges {
  /** Cursor to pass with the next call. */
  cursor: number;
  /** Whether these are all runs, newest first, or only those that have changed. */
  all: boolean;
  runs: RunSummary[];
}

/**
 * Returns what has changed after a cursor. It returns all runs where the cursor is null or of another database, or
 * where runs have been removed since.
 */
export const runChanges = (store: Store, since: number | null): RunChanges =>
  store.transaction((): RunChanges => {
    const { last, removed } = store.prepare('SELECT last, removed FROM revisions WHERE one = 1').get() as Revisions;
    if (since === null || since > last || since < removed)
      return { cursor: last, all: true, runs: runSummaries(store) };
    const rows = store
      .prepare<[number], Row>(`SELECT ${COLUMNS} ${FROM} WHERE runs.revision > ? ORDER BY runs.revision`)
      .all(since);
    return { cursor: last, all: false, runs: rows.map(summaryOf) };
  })();

export function runSummary(store: Store, id: string): RunSummary | null {
  const row = store.prepare<[string], Row>(`SELECT ${COLUMNS} ${FROM} WHERE runs.id = ?`).get(id);
  return row ? summaryOf(row) : null;
}
