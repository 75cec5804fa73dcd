/** The order of a comparison's columns; the first is the baseline. Pure. */
interface Column {
  id: string;
}

/** Puts the column `id` first and keeps the order of the others. */
export const withFirst = <C extends Column>(columns: readonly C[], id: string): C[] =>
  columns.toSorted((a, b) => Number(b.id === id) - Number(a.id === id));

/** Moves the column `id` by `by` places, at most to either end. */
export function moved<C extends Column>(columns: readonly C[], id: string, by: number): C[] {
  const next = [...columns];
  const from = next.findIndex((column) => column.id === id);
  const to = Math.min(Math.max(from + by, 0), next.length - 1);
  next.splice(to, 0, ...next.splice(from, 1));
  return next;
}
