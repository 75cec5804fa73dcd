/** Counts the letters to change, add or drop between two names. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const above = row;
    row = [i];
    for (let j = 1; j <= b.length; j++) {
      row.push(
        Math.min(
          (above[j] as number) + 1,
          (row[j - 1] as number) + 1,
          (above[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1),
        ),
      );
    }
  }
  return row.at(-1) as number;
}

/** Returns the name that was probably meant. */
export const nearestName = (name: string, names: readonly string[]): string | undefined =>
  [...names].sort((a, b) => editDistance(name, a) - editDistance(name, b))[0];
