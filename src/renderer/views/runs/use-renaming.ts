/** The run whose name is being changed in its cell. */
import { ref, shallowRef, type Ref, type ShallowRef } from 'vue';
import type { RunSummary } from '../../../shared/contract/runs';

export interface RenamingState {
  renaming: Ref<{ id: string; text: string } | null>;
  /** Called with a new name to store; the screen sets it. */
  renamed: ShallowRef<(run: RunSummary, name: string) => void>;
  finishRenaming: (keep: boolean) => void;
}

export function useRenaming(byId: (id: string) => RunSummary | null): RenamingState {
  const renaming = ref<{ id: string; text: string } | null>(null);
  const renamed = shallowRef<(run: RunSummary, name: string) => void>(() => undefined);
  function finishRenaming(keep: boolean): void {
    const asked = renaming.value;
    renaming.value = null;
    const run = asked && byId(asked.id);
    if (keep && run) renamed.value(run, asked.text);
  }
  return { renaming, renamed, finishRenaming };
}
