/** Makes a draft of a run from the schedule that a search has found, with the configuration of its trials. */
import { draftBodySchema, type DraftBody } from '../../../shared/contract/drafts';
import type { SearchDetails } from '../../../shared/contract/searches';
import { flatten } from '../../../shared/run-config-resolve';
import type { StageConfig } from '../../../shared/run-config';
import { isOverridable, OWN_PRESET } from '../../../shared/schedule-editor/draft-config';

/** @param stages of the preset that the search was saved as */
export function draftOfSearch({ spec, search }: SearchDetails, stages: readonly StageConfig[]): DraftBody {
  const { base, origin, algorithm } = spec;
  const values = flatten(base);
  const asked = Object.entries(origin).filter(([path, from]) => ['flag', 'file'].includes(from) && isOverridable(path));
  return draftBodySchema.parse({
    ...{ dataset: base.dataset, model: base.model, size: base.size, seed: base.seed, stages },
    preset: search.preset === null ? 'constant' : `${OWN_PRESET}${search.preset}`,
    share_of: algorithm === 1 ? 'epochs' : 'compute',
    equivalent_epochs: search.cost ?? spec.epochs,
    reference_epochs: spec.epochs,
    overrides: {
      ...Object.fromEntries(asked.flatMap(([path]) => (path in values ? [[path, values[path]]] : []))),
      ...(algorithm === 1 && { 'optimizer.lr_progress': 'images' }),
    },
  });
}
