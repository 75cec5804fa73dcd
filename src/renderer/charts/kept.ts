/**
 * Keeps recomputed lists identical: one that has not changed stays the same object, so that nothing is redrawn for it.
 * Pure.
 */

function same(before: unknown, after: unknown): boolean {
  if (Object.is(before, after)) return true;
  if (typeof before !== 'object' || typeof after !== 'object' || before === null || after === null) return false;
  // Columns of numbers are replaced, not changed; comparing them would cost what is to be saved.
  if (Array.isArray(before) || Array.isArray(after)) return false;
  const [old, made] = [before as Record<string, unknown>, after as Record<string, unknown>];
  const names = Object.keys(made);
  return names.length === Object.keys(old).length && names.every((name) => same(old[name], made[name]));
}

/** Returns the earlier list where all of its records are unchanged. */
export function kept<T extends object>(before: readonly T[] | undefined, after: readonly T[]): readonly T[] {
  if (before?.length !== after.length) return after;
  return after.every((record, at) => same(before[at], record)) ? before : after;
}
