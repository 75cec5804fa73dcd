import { draftOf } from '../../../shared/schedule-editor/draft-config';
import { createDraft, draftById, listDrafts, removeDraft, saveDraft } from '../../store/drafts';
import { listOwnPresets, removeOwnPreset, saveOwnPreset } from '../../store/own-presets';
import { findRun, runNames } from '../../store/runs';
import type { Store } from '../../store/open';
import type { Handlers } from '../core/context';

/** Returns `name-2`, or the first number that no run and no draft has. */
function nextName(store: Store, name: string): string {
  const stem = name.replace(/-\d+$/, '');
  const taken = new Set([...runNames(store), ...listDrafts(store).map(({ body }) => body.name)]);
  for (let number = 2; ; number++) if (!taken.has(`${stem}-${number}`)) return `${stem}-${number}`;
}

export const handlers: Handlers<'drafts'> = {
  'drafts.list': ({ store }) => listDrafts(store),
  'drafts.get': ({ store }, { draft }) => draftById(store, draft),
  'drafts.create': ({ store }, { body }) => createDraft(store, body),
  'drafts.save': ({ store }, { draft, body }) => {
    saveDraft(store, draft, body);
    return null;
  },
  'drafts.remove': ({ store }, { draft }) => {
    removeDraft(store, draft);
    return null;
  },
  'drafts.clone': async ({ store, settings }, { run }) => {
    const { modelEntry } = await import('../../engine/models');
    const { name, config } = findRun(store, run);
    const body = draftOf(config, modelEntry(config.model), settings.get());
    return createDraft(store, { ...body, name: nextName(store, name) });
  },
  'drafts.from_weights': async ({ store }, { run, task }) => {
    const { draftFromWeights } = await import('../runs/draft-from-weights');
    const source = `run:${findRun(store, run).id}`;
    return createDraft(store, draftFromWeights(store, { source, model: null, task, dataset: null }));
  },
  'drafts.presets': ({ store }) => listOwnPresets(store),
  'drafts.save_preset': ({ store }, { schedule }) => saveOwnPreset(store, schedule),
  'drafts.remove_preset': ({ store }, { preset }) => {
    removeOwnPreset(store, preset);
    return null;
  },
};
