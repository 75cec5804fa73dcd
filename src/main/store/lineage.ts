/** Finds the runs that a run's weights came from, and the runs that have started from its weights. */
import { ownEquivalentEpochs } from '../../shared/curriculum/branch';
import type { Lineage, Relative } from '../../shared/contract/runs';
import type { RunState } from '../../shared/run-state';
import { parseBest } from './best';
import type { Store } from './open';
import { briefOf } from './run-list';
import { runById, type Run } from './runs';

interface RelativeRow {
  id: string;
  name: string;
  model: string;
  best: string | null;
  state: RunState;
  dataset_name: string | null;
  series: number;
  brief: string;
  step: number;
}

const COLUMNS = 'runs.id, runs.name, model, best, state, datasets.name AS dataset_name, series, brief';
const FROM = 'FROM runs LEFT JOIN datasets ON datasets.id = dataset_id';

function relativeOf({ brief, best, ...row }: RelativeRow): Relative {
  const { task, size, stages } = briefOf(brief);
  return { ...row, task, size, stages, best: parseBest(best) };
}

/** Makes the entry of a run that has been removed. */
const removed = (id: string, name: string, step: number): Relative => ({
  ...{ id, name, step, model: null, task: null, best: null, state: null, dataset_name: null, size: null },
  ...{ stages: null, series: null },
});

/** Returns the path upwards, nearest first; it ends at a run that has been removed, whose name is left. */
function ancestorsOf(store: Store, run: Run): Relative[] {
  const select = store.prepare<[string], Omit<RelativeRow, 'step'>>(`SELECT ${COLUMNS} ${FROM} WHERE runs.id = ?`);
  const found: Relative[] = [];
  for (let child: Run | null = run; child?.parent; child = runById(store, child.parent.run)) {
    const { run: id, name, step } = child.parent;
    const row = select.get(id);
    found.push(row ? relativeOf({ ...row, step }) : removed(id, name, step));
  }
  return found;
}

/** Returns the children, oldest first. */
const childrenOf = (store: Store, id: string): Relative[] =>
  store
    .prepare<[string], RelativeRow>(
      `SELECT ${COLUMNS}, parent_step AS step ${FROM} WHERE parent_run = ? ORDER BY runs.created, runs.rowid`,
    )
    .all(id)
    .map(relativeOf);

export const lineageOf = (store: Store, run: Run): Lineage => ({
  ancestors: ancestorsOf(store, run),
  children: childrenOf(store, run.id),
  equivalent_epochs_total: ownEquivalentEpochs(run) + (run.parent?.equivalent_epochs ?? 0),
});
