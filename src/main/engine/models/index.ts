/** The registry of models: every family file of this folder contributes its variants. */
import { AppError } from '../../../shared/errors';
import type { ModelEntry } from '../types';

const files = import.meta.glob<{ models?: readonly ModelEntry[] }>('./*.ts', { eager: true });

function collect(): Map<string, ModelEntry> {
  const entries = new Map<string, ModelEntry>();
  for (const entry of Object.values(files).flatMap(({ models }) => models ?? [])) {
    if (entries.has(entry.id)) throw new Error(`two models are called ${entry.id}`);
    entries.set(entry.id, entry);
  }
  return entries;
}

const ENTRIES = collect();

/** Returns the entries of all models, or of those that a task trains. */
export const modelEntries = (task?: string): readonly ModelEntry[] =>
  [...ENTRIES.values()].filter((entry) => task === undefined || entry.task === task);

/** Returns the entry of a model. @throws AppError not_found */
export function modelEntry(id: string): ModelEntry {
  const entry = ENTRIES.get(id);
  if (entry) return entry;
  const names = [...ENTRIES.keys()].join(', ');
  throw new AppError({
    code: 'not_found',
    what: `There is no model called ${id}.`,
    why: `The models are ${names}.`,
    next: 'Run `efficienttrain models` to see them.',
    action: { id: 'choose_model' },
  });
}
