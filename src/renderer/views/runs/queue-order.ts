/** The queue's order while it is changed by hand. */

/** Item `from` at place `to`; a place past the ends is the end. */
export function moved(order: readonly string[], from: number, to: number): string[] {
  const next = [...order];
  const [id] = next.splice(from, 1);
  if (id === undefined) return next;
  next.splice(Math.min(Math.max(to, 0), next.length), 0, id);
  return next;
}

/** The order asked for, with what has come or gone since: what is new stands last. */
export const reconciled = (asked: readonly string[], present: readonly string[]): string[] => [
  ...asked.filter((id) => present.includes(id)),
  ...present.filter((id) => !asked.includes(id)),
];
