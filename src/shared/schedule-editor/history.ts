/** Undo and redo of values that are replaced, never changed. */
export interface History<T> {
  past: readonly T[];
  present: T;
  future: readonly T[];
  /** Changes of one gesture (a drag, typing into one field) are undone in one step. */
  gesture: string | null;
}

const DEPTH = 200;

export const historyOf = <T>(present: T): History<T> => ({ past: [], present, future: [], gesture: null });

/**
 * Records a change. @param gesture changes that name the same one in a row are undone together; null: a step of its own
 */
export function record<T>(
  { past, present, gesture: last }: History<T>,
  next: T,
  gesture: string | null = null,
): History<T> {
  const joins = gesture !== null && gesture === last;
  return { past: joins ? past : [...past, present].slice(-DEPTH), present: next, future: [], gesture };
}

/** Ends the gesture: the next change is a step of its own. */
export const ended = <T>(history: History<T>): History<T> => ({ ...history, gesture: null });

export function undo<T>(history: History<T>): History<T> {
  const { past, present, future } = history;
  if (!past.length) return history;
  return { past: past.slice(0, -1), present: past.at(-1) as T, future: [present, ...future], gesture: null };
}

export function redo<T>(history: History<T>): History<T> {
  const { past, present, future } = history;
  if (!future.length) return history;
  return { past: [...past, present], present: future[0] as T, future: future.slice(1), gesture: null };
}
