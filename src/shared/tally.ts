/**
 * Counts by a user's text, as JSON holds them. A class may be called `constructor` or `__proto__`, which every plain
 * object answers to without holding it: such an object is made with `tallyOf` and asked with `countOf`, never with
 * brackets.
 */
export type Tally = Readonly<Record<string, number>>;

/** How many `name` has; 0 where the tally does not hold it. */
export const countOf = (tally: Tally | undefined, name: string): number =>
  tally && Object.hasOwn(tally, name) ? (tally[name] as number) : 0;

/** Object.fromEntries defines every key, `__proto__` too, where an assignment would set the prototype. */
export const tallyOf = (counts: Iterable<readonly [string, number]>): Tally => Object.fromEntries(counts);

export const sumOf = (tally: Tally | undefined): number =>
  Object.values(tally ?? {}).reduce((sum, count) => sum + count, 0);
