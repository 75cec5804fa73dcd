/** Makes one item of a preflight: the window's sentence and its facts. */
import type { PreflightItem } from '../../../shared/contract/plans';
import { AppError } from '../../../shared/errors';

type State = PreflightItem['state'];
type Facts = PreflightItem['facts'];

export const item = (id: PreflightItem['id'], state: State, code: string, facts: Facts = {}): PreflightItem => ({
  ...{ id, state, code, facts },
  error: null,
});

/** Makes an item of an error that the program words itself. @throws any error that is no AppError */
export function failure(error: unknown, id?: PreflightItem['id']): PreflightItem {
  if (!(error instanceof AppError)) throw error;
  const places: Partial<Record<AppError['code'], PreflightItem['id']>> = {
    ...{ invalid_config: 'ranges', invalid_stage: 'schedule', dataset_changed: 'dataset', dataset_missing: 'dataset' },
    ...{ bad_dataset: 'dataset', engine_unavailable: 'engine', not_found: 'ranges' },
  };
  return { id: id ?? places[error.code] ?? 'ranges', state: 'error', code: 'error', facts: {}, error: error.data };
}
