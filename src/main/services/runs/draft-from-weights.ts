/** The draft of a run that starts from another run's weights. */
import { existsSync } from 'node:fs';
import { draftBodySchema, type DraftBody } from '../../../shared/contract/drafts';
import { presetOf } from '../../../shared/curriculum/presets';
import { AppError } from '../../../shared/errors';
import { isUnlabelled } from '../../../shared/labels';
import { modelEntry } from '../../engine/models';
import { listDatasets, type Dataset } from '../../store/datasets';
import type { Store } from '../../store/open';
import type { Run } from '../../store/runs';
import { inheritedFrom } from './inherited';

const canTeach = (dataset: Dataset): boolean => !isUnlabelled(dataset) && dataset.classes.length > 1;

/** The parent's own dataset where it has classes, else the newest that has them and is there; null: there is none. */
function usualDataset(store: Store, parent: Run): string | null {
  const fitting = listDatasets(store).filter(canTeach);
  const own = fitting.find(({ id }) => id === parent.dataset_id);
  return (own ?? fitting.findLast(({ root }) => existsSync(root)) ?? fitting.at(-1))?.id ?? null;
}

/** @param dataset id; null: the usual one  @throws AppError invalid_config where no model classifies with the run's encoder */
export function draftFromWeights(store: Store, parent: Run, task: 'classify' | 'probe', dataset: string | null): DraftBody {
  const { model, preset } = inheritedFrom(parent, task);
  if (model === undefined)
    throw new AppError({
      code: 'invalid_config',
      what: `No model classifies with the encoder of ${parent.model}.`,
      why: 'A classifier takes over weights of the same shapes only.',
      next: 'Export the run, and use its weights elsewhere.',
    });
  const entry = modelEntry(model);
  const chosen = preset ?? entry.preset;
  const epochs = presetOf(chosen, task).recipe?.(model).epochs;
  return draftBodySchema.parse({
    ...{ dataset: dataset ?? usualDataset(store, parent), model, preset: chosen },
    ...(epochs !== undefined && { equivalent_epochs: epochs }),
    size: parent.config.size === entry.size ? null : parent.config.size,
    overrides: { init: `run:${parent.id}`, ...(task !== entry.task && { task }) },
  });
}
