/**
 * Moves through a grid of `total` cells in rows of `columns`, of which `page` rows are in view. Null: the key means
 * nothing here.
 */
export interface GridShape {
  total: number;
  columns: number;
  page: number;
}

export function cellAfter(key: string, at: number, { total, columns, page }: GridShape): number | null {
  if (total === 0) return null;
  const last = total - 1;
  /** A step that would leave the grid stays in its column; from the row before a short last one it goes to the end. */
  const rows = (count: number): number => {
    const target = at + count * columns;
    if (target < 0) return at % columns;
    if (target <= last) return target;
    return Math.floor(at / columns) < Math.floor(last / columns) ? last : at;
  };
  switch (key) {
    case 'ArrowLeft':
      return Math.max(at - 1, 0);
    case 'ArrowRight':
      return Math.min(at + 1, last);
    case 'ArrowUp':
      return at < columns ? at : at - columns;
    case 'ArrowDown':
      return rows(1);
    case 'PageUp':
      return rows(-page);
    case 'PageDown':
      return rows(page);
    case 'Home':
      return 0;
    case 'End':
      return last;
    default:
      return null;
  }
}
