/** The draft's body with undo and redo. */
import { computed, shallowRef, type ComputedRef } from 'vue';
import type { DraftBody } from '../../../shared/contract/drafts';
import { ended, historyOf, record, redo, undo } from '../../../shared/schedule-editor/history';

/** @param gesture changes of the same one in a row are undone together; null: a step of its own */
export type Change = (fields: Partial<DraftBody>, gesture?: string | null) => void;

export interface DraftHistory {
  body: ComputedRef<DraftBody>;
  change: Change;
  endGesture: () => void;
  undo: () => void;
  redo: () => void;
  canUndo: ComputedRef<boolean>;
  canRedo: ComputedRef<boolean>;
}

export function useDraftHistory(first: DraftBody): DraftHistory {
  const history = shallowRef(historyOf(first));
  const body = computed(() => history.value.present);
  return {
    body,
    change: (fields, gesture = null) => (history.value = record(history.value, { ...body.value, ...fields }, gesture)),
    endGesture: () => (history.value = ended(history.value)),
    undo: () => (history.value = undo(history.value)),
    redo: () => (history.value = redo(history.value)),
    canUndo: computed(() => history.value.past.length > 0),
    canRedo: computed(() => history.value.future.length > 0),
  };
}
