/** Turns a draft into the run that it would become. */
import type { DraftBody } from '../../../shared/contract/drafts';
import { AppError } from '../../../shared/errors';
import { draftRequest, type MachineDefaults } from '../../../shared/schedule-editor/draft-config';
import { findDataset, type Dataset } from '../../store/datasets';
import type { Store } from '../../store/open';
import { resolveRun, type ResolvedRun } from './configs';

const missing = (what: string, next: string): AppError =>
  new AppError({ code: 'invalid_config', what: `No ${what} is chosen.`, why: 'A run needs one.', next });

export interface DraftRun extends ResolvedRun {
  dataset: Dataset;
}

/** Resolves a draft. @throws AppError bad_dataset, invalid_config, invalid_stage, not_found */
export function resolveDraftRun(store: Store, body: DraftBody, machine: MachineDefaults): DraftRun {
  if (body.dataset === null) throw missing('dataset', 'Choose a dataset, or import one.');
  if (body.model === null) throw missing('model', 'Choose a model.');
  const dataset = findDataset(store, body.dataset);
  // A host reads only files that it was given, and a draft is only a text.
  const request = {
    dataset,
    model: body.model,
    ...draftRequest(body, machine),
    set: [],
    teachers: { store, files: false },
  };
  return { dataset, ...resolveRun(request) };
}
