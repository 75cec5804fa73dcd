import { PUBLISHED_RESULTS } from '../../../shared/published/results';
import { flatten } from '../../../shared/run-config-resolve';
import { findRun, type Run } from '../../store/runs';
import { compareRuns } from '../compare';
import type { Handlers } from '../core/context';

export const handlers: Handlers<'compare'> = {
  'compare.runs': ({ store }, { runs: references, accuracy }) => {
    const runs = references.map((reference) => findRun(store, reference)) as [Run, ...Run[]];
    return {
      ...compareRuns(store, runs, accuracy),
      configs: Object.fromEntries(runs.map(({ id, config }) => [id, flatten(config)])),
    };
  },
  'compare.published': () => [...PUBLISHED_RESULTS],
};
