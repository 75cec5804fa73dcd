/** Removes an own preset or the draft itself; a message offers to bring back either. */
import { useI18n } from 'vue-i18n';
import { useRouter } from 'vue-router';
import { OWN_PRESET } from '../../../shared/schedule-editor/draft-config';
import { call } from '../../api/client';
import type { Pull } from '../../composables/use-pull';
import { useFailures } from '../../stores/failures';
import type { OwnPreset } from './own-presets';
import type { useAutosave } from './use-autosave';
import type { Design } from './use-design';

export interface RemovalsInput {
  design: Design;
  own: Pull<OwnPreset[]>;
  autosave: ReturnType<typeof useAutosave>;
  /** The draft is gone, and its screen with it. */
  removed: () => void;
}

export interface Removals {
  removePreset: (id: string) => Promise<void>;
  removeDraft: (id: string) => Promise<void>;
}

export function useRemovals({ design, own, autosave, removed }: RemovalsInput): Removals {
  const { t } = useI18n();
  const router = useRouter();
  const failures = useFailures();
  const { body, change, model } = design;

  /** Makes calls. @returns whether they succeeded; an error is reported */
  async function done(calls: () => Promise<unknown>): Promise<boolean> {
    try {
      await calls();
      return true;
    } catch (thrown) {
      failures.report(thrown);
      return false;
    }
  }

  const tell = (text: string, restore: () => Promise<unknown>): void =>
    failures.tell(text, { label: t('common.undo'), run: () => done(restore) });

  async function removePreset(id: string): Promise<void> {
    const preset = own.data.value?.find((each) => each.id === id);
    if (!preset || !(await done(() => call('drafts.remove_preset', { preset: id })))) return;
    const isChosen = body.value.preset === `${OWN_PRESET}${id}`;
    if (isChosen) change({ preset: model.value?.preset ?? 'constant' });
    await own.refresh();
    const { schedule } = preset;
    tell(t('newRun.preset_removed', { title: schedule.title }), async () => {
      const restored = await call('drafts.save_preset', { schedule });
      if (isChosen) change({ preset: `${OWN_PRESET}${restored.id}` });
      await own.refresh();
    });
  }

  async function removeDraft(draft: string): Promise<void> {
    const kept = body.value;
    autosave.close();
    if (!(await done(() => call('drafts.remove', { draft })))) return autosave.reopen();
    tell(t('newRun.draft_removed'), async () => {
      const { id } = await call('drafts.create', { body: kept });
      await router.push({ name: 'draft', params: { draft: id } });
    });
    removed();
  }

  return { removePreset, removeDraft };
}
