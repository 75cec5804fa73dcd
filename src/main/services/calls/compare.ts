import { PUBLISHED_RESULTS } from '../../../shared/published/results';
import { findRun, type Run } from '../../store/runs';
import { compareRuns, fieldsOf } from '../runs/compare';
import type { Handlers } from '../core/context';

export const handlers: Handlers<'compare'> = {
  'compare.runs': ({ store }, { runs: references, accuracy }) => {
    const runs = references.map((reference) => findRun(store, reference)) as [Run, ...Run[]];
    return {
      ...compareRuns(store, runs, accuracy),
      configs: Object.fromEntries(runs.map((run) => [run.id, fieldsOf(run)])),
    };
  },
  'compare.published': () => [...PUBLISHED_RESULTS],
};
