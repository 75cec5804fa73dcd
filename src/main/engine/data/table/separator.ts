/** Finds the separator of a table's fields: the one on which its first lines agree. */
import { isImagePath } from './find-file';
import { columnsNamed, LABEL_WORDS, PATH_WORDS } from './header-words';
import { cellsOf } from './rows';

const SEPARATORS = [',', ';', '\t', '|'] as const;

export interface Separated {
  separator: string;
  /** Number of fields of most lines. */
  width: number;
}

/** Returns the count that most lines have, and the share of them. */
function common(counts: readonly number[]): { width: number; share: number } {
  const tally = new Map<number, number>();
  for (const count of counts) tally.set(count, (tally.get(count) ?? 0) + 1);
  const [width, many] = [...tally].sort((a, b) => b[1] - a[1] || b[0] - a[0])[0] ?? [0, 0];
  return { width, share: counts.length ? many / counts.length : 0 };
}

/** Says whether the first line makes sense with a separator: it has known words, or the path of an image. */
function makesSense(first: readonly string[]): boolean {
  return columnsNamed(first, [...PATH_WORDS, ...LABEL_WORDS]).length > 0 || first.some(isImagePath);
}

/** Finds the separator. @param lines the first lines that are not blank @returns null where they have one field each */
export function separatorOf(lines: readonly string[], given: string | null): Separated | null {
  if (given !== null)
    return { separator: given, width: common(lines.map((line) => cellsOf(line, given).length)).width };
  const ranked = SEPARATORS.map((separator) => {
    const { width, share } = common(lines.map((line) => cellsOf(line, separator).length));
    const sense = lines[0] !== undefined && makesSense(cellsOf(lines[0], separator)) ? 1 : 0;
    return { separator, width, rank: share + sense };
  })
    .filter(({ width }) => width > 1)
    .sort((a, b) => b.rank - a.rank);
  if (ranked[0]) return ranked[0];
  const counts = lines.map((line) => cellsOf(line, ' ').length);
  return Math.min(...counts) > 1 ? { separator: ' ', width: common(counts).width } : null;
}
