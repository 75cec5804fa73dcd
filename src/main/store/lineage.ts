/** Which runs a run's weights came from, and which runs have started from its weights. */
import { ownEquivalentEpochs } from '../../shared/curriculum/branch';
import type { Lineage, Relative } from '../../shared/contract/runs';
import { parseBest } from './best';
import type { Store } from './open';
import { briefOf } from './run-list';
import { runById, type Run } from './runs';

interface RelativeRow {
  id: string;
  name: string;
  model: string;
  best: string | null;
  brief: string;
  step: number;
}

const relativeOf = ({ brief, best, ...row }: RelativeRow): Relative => ({
  ...row,
  task: briefOf(brief).task,
  best: parseBest(best),
});

/** The path upwards, nearest first; it ends at a run that has been removed, of which the name is left. */
function ancestorsOf(store: Store, run: Run): Relative[] {
  const select = store.prepare<[string], Omit<RelativeRow, 'step'>>('SELECT id, name, model, best, brief FROM runs WHERE id = ?');
  const found: Relative[] = [];
  for (let child: Run | null = run; child?.parent; child = runById(store, child.parent.run)) {
    const { run: id, name, step } = child.parent;
    const row = select.get(id);
    found.push(row ? relativeOf({ ...row, step }) : { id, name, step, model: null, task: null, best: null });
  }
  return found;
}

/** Oldest first. */
const childrenOf = (store: Store, id: string): Relative[] =>
  store
    .prepare<[string], RelativeRow>(
      'SELECT id, name, model, best, brief, parent_step AS step FROM runs WHERE parent_run = ? ORDER BY created, runs.rowid',
    )
    .all(id)
    .map(relativeOf);

export const lineageOf = (store: Store, run: Run): Lineage => ({
  ancestors: ancestorsOf(store, run),
  children: childrenOf(store, run.id),
  equivalent_epochs_total: ownEquivalentEpochs(run) + (run.parent?.equivalent_epochs ?? 0),
});
