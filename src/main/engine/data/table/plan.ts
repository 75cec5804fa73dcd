/** Decides how a table is read: encoding, separator, header, columns. Its first lines and the user decide all of it. */
import { closeSync, openSync, readSync } from 'node:fs';
import type { TableReading } from '../../../../shared/contract/table';
import { splitOfWord } from '../scan/split-words';
import { columnsOf, type Columns, type Head } from './columns';
import { encodingOf, type Encoding } from './encoding';
import { FileFinder, isImagePath } from './find-file';
import { columnsNamed, LABEL_WORDS, PATH_WORDS, SPLIT_WORDS } from './header-words';
import { refuseForeignText } from './foreign-text';
import { lineBlocks, type LineBlock } from './lines';
import { preambleLength } from './preamble';
import { quoted, refusal } from './refuse';
import { cellsOf, RowReader, type Row } from './rows';
import { separatorOf, type Separated } from './separator';

export interface TablePlan extends Columns {
  source: string;
  encoding: Encoding;
  separator: string;
  width: number;
  /** Cells of the header; null: no line names the columns. */
  header: string[] | null;
  /** Number of the first line that is a row. */
  firstRow: number;
  /** Lines before the header or the first row that are not part of the table. */
  preamble: number[];
  /** Whether the header has no name for the first column, as R writes the names of rows. */
  hasRowNames: boolean;
}

const HEAD_BYTES = 1 << 16;
/** Number of lines that decide. */
const LOOKED_AT = 200;

function headOf(source: string): Buffer {
  const handle = openSync(source, 'r');
  try {
    const buffer = Buffer.alloc(HEAD_BYTES);
    const size = readSync(handle, buffer, 0, HEAD_BYTES, 0);
    return buffer.subarray(0, size - (size % 2));
  } finally {
    closeSync(handle);
  }
}

/** The table that is read, and whether for its labels too. */
interface Asked {
  source: string;
  labelled: boolean;
}

interface FirstLine {
  line: number;
  text: string;
}

/** Returns the first lines that are not blank, each shortened to the longest line of a table. */
function firstLines(source: string, encoding: Encoding): FirstLine[] {
  const found: FirstLine[] = [];
  for (const { first, lines } of lineBlocks(source, encoding)) {
    lines.forEach((text, index) => {
      if (text?.trim() && found.length < LOOKED_AT) found.push({ line: first + index, text });
    });
    if (found.length >= LOOKED_AT) break;
  }
  return found;
}

/** Returns the separator of `sep=;`, the line that names it for a spreadsheet. */
const separatorLine = ({ text }: FirstLine): string | null => /^"?sep=(.)"?\s*$/i.exec(text)?.[1] ?? null;

/** Returns header cells without the empty ones at the end. */
function trimmedEnd(cells: readonly string[]): string[] {
  const last = cells.findLastIndex(Boolean);
  return cells.slice(0, last + 1);
}

/**
 * Says whether the first line names the columns rather than an image. @throws AppError bad_dataset where it does
 * neither
 */
function isHeader(
  { source, labelled }: Asked,
  cells: readonly string[],
  options: TableReading,
  finder: FileFinder,
): boolean {
  const given = [options.path_column, options.label_column].filter((name) => name !== undefined && !/^\d*$/.test(name));
  if (given.some((name) => cells.some((cell) => cell.toLowerCase() === name?.trim().toLowerCase()))) return true;
  if (cells.some(isImagePath)) return false;
  if (columnsNamed(cells, [...PATH_WORDS, ...LABEL_WORDS]).length) return true;
  finder.learn(cells);
  if (cells.some((cell) => cell && 'path' in finder.find(cell))) return false;
  const names = cells.map((cell, index) => (cell ? quoted(cell, 40) : `number ${index + 1}`));
  if (options.path_column && (options.label_column || !labelled))
    return columnsNamed(cells, SPLIT_WORDS).length > 0 || given.length > 0;
  throw refusal(
    source,
    `Its first line, ${names.join(', ')}, is neither a header with known words nor a row whose image is there.`,
    'Name the columns with --path-column, --label-column and, if there is one, --split-column; by number where there is no header.',
    { id: 'table_columns' },
  );
}

/**
 * Finds the separator and the lines. @throws AppError bad_dataset where there is nothing, another kind of text, or no
 * separator
 */
function separatedLines({ source, labelled }: Asked, lines: readonly FirstLine[], told: string | null): Separated {
  const [first] = lines;
  if (!first) throw refusal(source, 'It has no rows: no line holds any text.', 'Give a table of path,label.');
  refuseForeignText(source, first.text);
  const comments = lines.findIndex(({ text }) => !text.startsWith('#'));
  const separated = separatorOf(
    lines.slice(Math.max(0, comments)).map(({ text }) => text),
    told,
  );
  if (separated && separated.width > 1) return separated;
  // This is a list of paths. A tab is the character that paths contain least.
  if (!labelled) return { separator: told ?? '\t', width: 1 };
  throw refusal(
    source,
    `No separator was found in it: its first line is “${quoted(first.text)}”. A comma, semicolon, tab, bar or blank is expected.`,
    'Give a table with a column for the path and one for the label. A list of images without labels is imported with --unlabelled.',
    { id: 'table_columns_or_unlabelled' },
  );
}

/**
 * Says whether the first field is a name of the row, in rows that have one field more than the header: each has
 * another, and none is a file.
 */
function areRowsNamed(root: string, rows: readonly Row[]): boolean {
  const [row] = rows;
  if (!row || new Set(rows.map(({ cells }) => cells[0])).size < rows.length || filesAmong(root, rows, 0) >= 1)
    return false;
  return row.cells.some((_, column) => column > 0 && filesAmong(root, rows, column) >= 1);
}

/**
 * Plans a table. @param labelled whether it has to have labels @throws AppError bad_dataset where the table can't be
 * read, usage for an unknown encoding
 */
export function planTable(source: string, root: string, options: TableReading, labelled: boolean): TablePlan {
  const asked = { source, labelled };
  const encoding = encodingOf(source, headOf(source), options.encoding);
  const all = firstLines(source, encoding);
  const told = all[0] ? separatorLine(all[0]) : null;
  const below = told === null ? all : all.slice(1);
  const separated = separatedLines(asked, below, told);
  const { separator } = separated;
  const before = preambleLength(
    below.map(({ text }) => text),
    (text) => cellsOf(text, separator),
  );
  const lines = below.slice(before);
  const first = lines[0] as FirstLine;
  const cells = cellsOf(first.text, separator);
  if (cells[0] === '#') cells.shift();
  const hasHeader = isHeader(asked, cells, options, new FileFinder(root));
  const named = hasHeader ? trimmedEnd(cells) : null;
  const firstRow = hasHeader ? first.line + 1 : first.line;
  const hasRowNames =
    named?.length === separated.width - 1 && areRowsNamed(root, firstRows(lines, firstRow, separator, separated.width));
  const header = hasRowNames ? ['', ...named] : named;
  const width = header ? header.length : widthOf(root, lines, separated, labelled ? 2 : 1);
  const rows = firstRows(lines, firstRow, separator, width);
  const preamble = below.slice(0, before).map(({ line }) => line);
  const filesIn = (column: number): number => filesAmong(root, rows, column);
  const head: Head = { source, labelled, header, width, rows: rows.map((row) => row.cells), filesIn };
  const isSplit = (column: number): boolean =>
    rows.length > 0 && rows.every((row) => splitOfWord(row.cells[column] ?? '') !== null);
  return {
    source,
    encoding,
    separator,
    width,
    header,
    firstRow,
    preamble,
    hasRowNames,
    ...columnsOf(head, options, isSplit),
  };
}

function firstRows(lines: readonly FirstLine[], from: number, separator: string, width: number): Row[] {
  const blocks: LineBlock[] = lines
    .filter(({ line }) => line >= from)
    .map(({ line, text }) => ({ first: line, lines: [text] }));
  return [...new RowReader(separator, width).rows(blocks)].flatMap((row) =>
    'cells' in row && row.cells.length >= width ? [row] : [],
  );
}

/**
 * Counts how many of a few rows name a file in this column. Where no file exists, it counts those that look like an
 * image's path, which rank below any file.
 */
function filesAmong(root: string, rows: readonly Row[], column: number): number {
  const cells = rows.slice(0, 30).flatMap(({ cells: own }) => own[column] || []);
  const finder = new FileFinder(root);
  finder.learn(cells);
  return cells.filter((cell) => 'path' in finder.find(cell)).length || cells.filter(isImagePath).length / 100;
}

/**
 * Returns the number of fields that finds most files, because blanks may separate the fields and be in the paths too.
 */
function widthOf(root: string, lines: readonly FirstLine[], { separator, width }: Separated, least: number): number {
  if (separator !== ' ') return width;
  const ways = Array.from({ length: width - least + 1 }, (_, index) => width - index).map((fields) => {
    const rows = firstRows(lines, 0, separator, fields);
    return {
      fields,
      files: Math.max(...Array.from({ length: fields }, (_, column) => filesAmong(root, rows, column))),
    };
  });
  const most = Math.max(...ways.map(({ files }) => files));
  return ways.find(({ files }) => files === most)?.fields ?? width;
}

/** Yields the rows of a table, and the lines that are none. */
export function* rowsOf({ source, encoding, separator, width, firstRow }: TablePlan): ReturnType<RowReader['rows']> {
  const blocks = function* (): Generator<LineBlock> {
    for (const { first, lines } of lineBlocks(source, encoding)) {
      const before = Math.max(0, firstRow - first);
      if (before < lines.length) yield { first: first + before, lines: before ? lines.slice(before) : lines };
    }
  };
  yield* new RowReader(separator, width).rows(blocks());
}
