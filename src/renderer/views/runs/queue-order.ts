/** The queue's order while the user changes it. */

/** Moves item `from` to place `to`; a place past the ends is the end. */
export function moved(order: readonly string[], from: number, to: number): string[] {
  const next = [...order];
  const [id] = next.splice(from, 1);
  if (id === undefined) return next;
  next.splice(Math.min(Math.max(to, 0), next.length), 0, id);
  return next;
}

/** Returns the requested order without runs that have left; new ones are last. */
export const reconciled = (asked: readonly string[], present: readonly string[]): string[] => [
  ...asked.filter((id) => present.includes(id)),
  ...present.filter((id) => !asked.includes(id)),
];
