/** The draft of a run that starts from trained weights. */
import { existsSync } from 'node:fs';
import { draftBodySchema, type DraftBody } from '../../../shared/contract/drafts';
import type { TransferArgs } from '../../../shared/contract/transfers';
import { presetOf } from '../../../shared/curriculum/presets';
import { AppError } from '../../../shared/errors';
import { isUnlabelled } from '../../../shared/labels';
import { runOfInit } from '../../../shared/run-init';
import { presetOfTask } from '../../../shared/run-config-resolve';
import { modelEntry } from '../../engine/models';
import { listDatasets, type Dataset } from '../../store/datasets';
import type { Store } from '../../store/open';
import { findRun, type Run } from '../../store/runs';
import { inheritedFrom, type Inherited } from './inherited';

const canTeach = (dataset: Dataset): boolean => !isUnlabelled(dataset) && dataset.classes.length > 1;

/**
 * Returns the parent's own dataset where it has classes, else the newest that has them and is there; null: there is
 * none.
 */
function usualDataset(store: Store, parent: Run | null): string | null {
  const fitting = listDatasets(store).filter(canTeach);
  const own = fitting.find(({ id }) => id === parent?.dataset_id);
  return (own ?? fitting.findLast(({ root }) => existsSync(root)) ?? fitting.at(-1))?.id ?? null;
}

/** A file says nothing of how it was trained, so the task's own recipe applies, or the model's. */
function ofFile(model: string | null, task: TransferArgs['task']): Inherited {
  const preset = presetOfTask(task);
  return { ...(model !== null && { model }), ...(preset !== undefined && { preset }) };
}

const refuse = (what: string, why: string, next: string): AppError =>
  new AppError({ code: 'invalid_config', what, why, next });

/**
 * Makes the draft. @throws AppError not_found; invalid_config where no model is named, or none classifies with the
 * run's encoder
 */
export function draftFromWeights(store: Store, { source, model: asked, task, dataset }: TransferArgs): DraftBody {
  const named = runOfInit(source);
  const parent = named ? findRun(store, named.run) : null;
  const { model: usual, preset } = parent ? inheritedFrom(parent, task) : ofFile(asked, task);
  const model = asked ?? usual;
  if (model === undefined && parent)
    throw refuse(
      `No model classifies with the encoder of ${parent.model}.`,
      'A classifier takes over weights of the same shapes only.',
      'Export the run, and use its weights elsewhere.',
    );
  if (model === undefined)
    throw refuse('A weights file needs a model.', 'The file does not name one.', 'Choose the model that it holds.');
  const entry = modelEntry(model);
  const chosen = preset ?? entry.preset;
  const epochs = presetOf(chosen, task).recipe?.(model).epochs ?? null;
  return draftBodySchema.parse({
    ...{ dataset: dataset ?? usualDataset(store, parent), model, preset: chosen },
    ...(epochs !== null && { equivalent_epochs: epochs }),
    size: parent === null || parent.config.size === entry.size ? null : parent.config.size,
    overrides: { init: source, ...(task !== entry.task && { task }) },
  });
}
