/** Errors and finished actions, shown in a corner. */
import { defineStore } from 'pinia';
import { ref } from 'vue';
import { AppError, errorData, type ErrorData } from '../../shared/errors';

export interface Toast {
  id: number;
  text: string;
  error: ErrorData | null;
  action: { label: string; run: () => unknown } | null;
}

const SHOWN_MS = 8000;

const isSame = (a: ErrorData | null, b: ErrorData | null): boolean => JSON.stringify(a) === JSON.stringify(b);

export const useFailures = defineStore('failures', () => {
  const toasts = ref<Toast[]>([]);
  let next = 0;

  function show(toast: Omit<Toast, 'id'>): void {
    const id = ++next;
    // A repeated message is shown once, as the newest toast.
    const others = toasts.value.filter(({ text, error }) => text !== toast.text || !isSame(error, toast.error));
    toasts.value = [...others.slice(-3), { ...toast, id }];
    if (!toast.error) setTimeout(() => dismiss(id), SHOWN_MS);
  }

  function dismiss(id: number): void {
    toasts.value = toasts.value.filter((toast) => toast.id !== id);
  }

  /** Reports an error that no screen shows itself. A cancellation is not reported. */
  function report(thrown: unknown): void {
    if (thrown instanceof AppError && thrown.code === 'interrupted') return;
    if (!(thrown instanceof AppError)) console.error(thrown);
    show({ text: '', error: errorData(thrown), action: null });
  }

  /** Tells what was done, with a way to undo it. */
  const tell = (text: string, action: Toast['action'] = null): void => show({ text, error: null, action });

  return { toasts, report, tell, dismiss };
});
