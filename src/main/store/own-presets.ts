/** The table `own_presets`: schedules that the user has saved. */
import { randomBytes } from 'node:crypto';
import type { z } from 'zod';
import type { ownPresetSchema, ScheduleFile } from '../../shared/contract/drafts';
import { fromJson } from './json-column';
import type { Store } from './open';

export type OwnPreset = z.infer<typeof ownPresetSchema>;

/** A row of `own_presets`: the schedule is JSON. */
interface OwnPresetRow extends Omit<OwnPreset, 'schedule'> {
  schedule: string;
}

export const listOwnPresets = (store: Store): OwnPreset[] =>
  store
    .prepare<[], OwnPresetRow>('SELECT * FROM own_presets ORDER BY created')
    .all()
    .map((row) => ({ ...row, schedule: fromJson<ScheduleFile>(row.schedule) }));

/** Saves a preset. Saving under the same title again replaces it. */
export function saveOwnPreset(store: Store, schedule: ScheduleFile): OwnPreset {
  const known = listOwnPresets(store).find((preset) => preset.schedule.title === schedule.title);
  const preset: OwnPreset = {
    id: known?.id ?? randomBytes(5).toString('hex'),
    created: known?.created ?? new Date().toISOString(),
    schedule,
  };
  store
    .prepare('INSERT OR REPLACE INTO own_presets (id, created, schedule) VALUES (?, ?, ?)')
    .run(preset.id, preset.created, JSON.stringify(schedule));
  return preset;
}

/** Returns the user's preset of an id or a title; null where there is none. */
export const findOwnPreset = (store: Store, reference: string): OwnPreset | null => {
  const all = listOwnPresets(store);
  return all.find(({ id }) => id === reference) ?? all.find(({ schedule }) => schedule.title === reference) ?? null;
};

export const removeOwnPreset = (store: Store, id: string): unknown =>
  store.prepare('DELETE FROM own_presets WHERE id = ?').run(id);
