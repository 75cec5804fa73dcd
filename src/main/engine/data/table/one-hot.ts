/** Reads labels given as a column for each class, of which one holds a 1. */

const ONE = /^(1([.,]0*)?|true)$/i;
const ZERO = /^(0([.,]0*)?|false)$/i;

const onesOf = (cells: readonly string[], columns: readonly number[]): number[] =>
  columns.filter((column) => ONE.test(cells[column] ?? ''));

/** Returns the columns that hold nothing but 0 and 1, where most rows have exactly one 1 among them; else null. */
export function oneHotColumns(rows: readonly (readonly string[])[], columns: readonly number[]): number[] | null {
  const binary = columns.filter((column) =>
    rows.every((cells) => ONE.test(cells[column] ?? '') || ZERO.test(cells[column] ?? '')),
  );
  if (binary.length < 2 || !rows.length) return null;
  const good = rows.filter((cells) => onesOf(cells, binary).length === 1).length;
  return good > rows.length / 2 ? binary : null;
}

/** Returns the column of the 1, or what is wrong with the row. */
export function oneHotLabel(
  cells: readonly string[],
  columns: readonly number[],
  names: readonly string[],
): number | string {
  const odd = columns.find((column) => !ONE.test(cells[column] ?? '') && !ZERO.test(cells[column] ?? ''));
  if (odd !== undefined) return `its column ${names[odd]} holds “${cells[odd] ?? ''}” where 0 or 1 is expected.`;
  const ones = onesOf(cells, columns);
  if (ones.length === 1) return ones[0] as number;
  if (!ones.length) return 'it has no 1 in any column of a class.';
  return `it has several labels: ${ones.map((column) => names[column]).join(', ')}.`;
}
