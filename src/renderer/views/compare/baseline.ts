/** Chooses the run that a comparison begins with as its baseline: one that was trained without a curriculum. Pure. */
import type { RunSummary } from '../../../shared/contract/runs';
import { withFirst } from './column-order';

type Ranked = Pick<RunSummary, 'id' | 'preset'>;

const CONSTANT = 'constant';

/** Returns the runs in their order, except that the first constant one comes first. */
export function constantFirst<R extends Ranked>(runs: readonly R[]): R[] {
  const constant = runs.find(({ preset }) => preset === CONSTANT);
  return constant ? withFirst(runs, constant.id) : [...runs];
}

/**
 * Returns the runs of a comparison opened from `run`: the newest constant run of the same dataset, model and size,
 * where one has trained, and `run` itself.
 * @param others without those in the trash, newest first
 */
export function openedFrom(run: RunSummary, others: readonly RunSummary[]): RunSummary[] {
  if (run.preset === CONSTANT) return [run];
  const alike = ({ id, preset, dataset, model, size, step }: RunSummary): boolean =>
    id !== run.id &&
    preset === CONSTANT &&
    dataset === run.dataset &&
    model === run.model &&
    size === run.size &&
    step > 0;
  const baseline = others.find(alike);
  return baseline ? [baseline, run] : [run];
}
