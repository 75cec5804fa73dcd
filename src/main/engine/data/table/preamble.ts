/** Recognises lines before a table's header or first row: a title, comments. */
import { isImagePath } from './find-file';
import { columnsNamed, LABEL_WORDS, PATH_WORDS } from './header-words';

/** Number of lines in which a header is searched for. */
const LOOKED_AT = 20;

const namesBoth = (cells: readonly string[]): boolean =>
  columnsNamed(cells, PATH_WORDS).length > 0 && columnsNamed(cells, LABEL_WORDS).length > 0;

/**
 * Returns how many of the first lines are not part of the table: only lines before a header that names path and label,
 * and lines that begin with a number sign, but never one that holds the path of an image.
 * @param lines their text @param cellsOf returns the fields of one
 */
export function preambleLength(lines: readonly string[], cellsOf: (line: string) => string[]): number {
  const looked = lines.slice(0, LOOKED_AT).map((line) => ({ line, cells: cellsOf(line) }));
  const header = looked.findIndex(({ cells }) => namesBoth(cells));
  const image = looked.findIndex(({ cells }) => cells.some(isImagePath));
  if (header >= 0 && (image < 0 || header < image)) return header;
  const rest = looked.findIndex(({ line, cells }) => !line.startsWith('#') || cells.some(isImagePath));
  return Math.max(0, rest);
}
