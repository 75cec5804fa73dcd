/**
 * Counts by a user's text, as JSON holds them. A class may be called `constructor` or `__proto__`, which every plain
 * object has without holding it: make such an object with `tallyOf` and read it with `countOf`, never with brackets.
 */
export type Tally = Readonly<Record<string, number>>;

/** Returns the count of `name`; 0 where the tally does not hold it. */
export const countOf = (tally: Tally | undefined, name: string): number =>
  tally && Object.hasOwn(tally, name) ? (tally[name] as number) : 0;

/**
 * Makes a tally. Object.fromEntries defines every key, `__proto__` too, where an assignment would set the prototype.
 */
export const tallyOf = (counts: Iterable<readonly [string, number]>): Tally => Object.fromEntries(counts);

export const sumOf = (tally: Tally | undefined): number =>
  Object.values(tally ?? {}).reduce((sum, count) => sum + count, 0);
