/** Finds the columns of the path, the label and the split: by their names, or as the user says. */
import type { ErrorAction } from '../../../../shared/errors';
import type { TableReading } from '../../../../shared/contract/table';
import { BARE_SPLIT_WORDS, columnsNamed, LABEL_WORDS, PATH_WORDS, SPLIT_WORDS } from './header-words';
import { oneHotColumns } from './one-hot';
import { quoted, refusal } from './refuse';

export interface Columns {
  /** A name for each column, for messages. */
  names: string[];
  path: number;
  /** Column of the label, or one column for each class, of which one holds a 1. Null: labels aren't read. */
  label: number | number[] | null;
  split: number | null;
  /** Columns that might have been the label too. The chosen one names the classes in words. */
  passedOver: number[];
}

export interface Head {
  source: string;
  /** Whether labels are read. */
  labelled: boolean;
  /** Names of the columns; null: the table has none. */
  header: string[] | null;
  width: number;
  /** The first rows. */
  rows: readonly (readonly string[])[];
  /** Counts the rows of these whose cell in the column is a file. */
  filesIn: (column: number) => number;
}

const namesOf = ({ header, width }: Head): string[] =>
  Array.from({ length: width }, (_, index) => (header?.[index] ? quoted(header[index], 40) : `number ${index + 1}`));

const FLAGS = 'Name the columns with --path-column, --label-column and, if there is one, --split-column.';

/** The next step where no column is known as the label: name it, or import without labels. */
const LABEL_FLAGS = `${FLAGS} Images without labels are imported with --unlabelled.`;
const COLUMNS_OR_UNLABELLED: ErrorAction = { id: 'table_columns_or_unlabelled' };

const listed = (columns: readonly number[], names: readonly string[]): string =>
  columns.map((column) => names[column]).join(' and ');

/** Returns the column of this name, or of this number counted from 1. @throws AppError bad_dataset */
function columnGiven(head: Head, given: string, flag: string): number {
  const wanted = given.trim();
  const header = head.header ?? [];
  const same = header.flatMap((name, index) => (name === wanted ? [index] : []));
  const alike = header.flatMap((name, index) => (name.toLowerCase() === wanted.toLowerCase() ? [index] : []));
  const [first, second] = same.length ? same : alike;
  if (first !== undefined && second === undefined) return first;
  const number = /^\d+$/.test(wanted) ? Number(wanted) : 0;
  if (first === undefined && number >= 1 && number <= head.width) return number - 1;
  const names = namesOf(head);
  throw refusal(
    head.source,
    first === undefined
      ? `It has no column ${quoted(wanted)}; its columns are ${names.join(', ')}.`
      : `Several of its columns are called ${quoted(wanted)}: ${names.join(', ')}.`,
    `Give ${flag} one of these names, or the column's number, counted from 1.`,
    { id: 'table_columns' },
  );
}

function pathColumn(head: Head, { path_column: given }: TableReading): number {
  if (given) return columnGiven(head, given, '--path-column');
  const all = Array.from({ length: head.width }, (_, index) => index);
  const candidates = head.header ? PATH_WORDS.flatMap((tier) => columnsNamed(head.header ?? [], [tier])) : all;
  if (!candidates.length)
    throw refusal(head.source, unknownHeader(head, 'the paths of the images'), FLAGS, { id: 'table_columns' });
  if (candidates.length === 1) return candidates[0] as number;
  const files = candidates.map(head.filesIn);
  return candidates[files.indexOf(Math.max(...files))] as number;
}

const unknownHeader = (head: Head, what: string): string =>
  head.header
    ? `Its header is ${namesOf(head).join(', ')}, and none of these is known as the column of ${what}.`
    : `It has no column for ${what}.`;

/** Says whether a column holds another whole number in each row, as the index in MXNet's lists: that is no label. */
function isRunning({ rows }: Head, column: number): boolean {
  const cells = rows.map((row) => row[column] ?? '');
  return rows.length > 2 && cells.every((cell) => /^\d+$/.test(cell)) && new Set(cells).size === cells.length;
}

/**
 * Finds the label among the columns of the best tier; those of later tiers are passed over. @throws AppError
 * bad_dataset where several are equally good, or none exists
 */
function labelColumn(
  head: Head,
  path: number,
  split: number | null,
  { label_column: given }: TableReading,
): [number | number[], number[]] {
  if (given) return [columnGiven(head, given, '--label-column'), []];
  const free = Array.from({ length: head.width }, (_, index) => index).filter(
    (index) => index !== path && index !== split,
  );
  if (!head.header) {
    const first = free.find((column) => !isRunning(head, column)) ?? free[0];
    if (first === undefined)
      throw refusal(head.source, 'It has no column for the labels.', LABEL_FLAGS, COLUMNS_OR_UNLABELLED);
    return [first, []];
  }
  const isFree = (column: number): boolean => free.includes(column);
  const [best, ...later] = LABEL_WORDS.map((tier) => columnsNamed(head.header ?? [], [tier]).filter(isFree)).filter(
    ({ length }) => length,
  );
  const [first, second] = best ?? [];
  if (first !== undefined && second === undefined) return [first, later.slice(0, 2).flat()];
  if (best && second !== undefined)
    throw refusal(
      head.source,
      `Its columns ${listed(best, namesOf(head))} could both be the label.`,
      'Say which one with --label-column NAME, or by its number, counted from 1.',
      { id: 'table_label_column' },
    );
  const named = free.filter((column) => head.header?.[column]);
  const oneHot = oneHotColumns(head.rows, named);
  const names = oneHot?.map((column) => head.header?.[column]);
  if (names && new Set(names).size < names.length)
    throw refusal(
      head.source,
      `Two of its columns of a class have one name: ${namesOf(head).join(', ')}.`,
      'Give each class a name of its own.',
    );
  if (oneHot) return [oneHot, []];
  throw refusal(head.source, unknownHeader(head, 'the labels'), LABEL_FLAGS, COLUMNS_OR_UNLABELLED);
}

/** Returns null where there is none, or the user wants none. */
function splitColumnOf(
  head: Head,
  path: number,
  { split_column: given, label_column: label }: TableReading,
): number | null {
  if (given?.trim().toLowerCase() === 'none') return null;
  if (given) return columnGiven(head, given, '--split-column');
  const header = head.header ?? [];
  const hasLabels = Boolean(label) || !head.labelled || columnsNamed(header, LABEL_WORDS).length > 0;
  const words = hasLabels ? [...SPLIT_WORDS, ...BARE_SPLIT_WORDS] : SPLIT_WORDS;
  const [first, second] = columnsNamed(header, words).filter((column) => column !== path);
  if (first !== undefined && second !== undefined)
    throw refusal(
      head.source,
      `Its columns ${listed([first, second], namesOf(head))} could both be the split.`,
      'Say which one with --split-column NAME, or draw a split of its own with --split-column none.',
      { id: 'table_split_column' },
    );
  return first ?? null;
}

/**
 * Finds the columns.
 * @param splitWithoutName whether a column of another name, or of none, holds nothing but names of splits
 * @throws AppError bad_dataset where the columns are not known
 */
export function columnsOf(head: Head, options: TableReading, splitWithoutName: (column: number) => boolean): Columns {
  const path = pathColumn(head, options);
  const named = splitColumnOf(head, path, options);
  const others = Array.from({ length: head.width }, (_, index) => index).filter((index) => index !== path);
  const isOpen = named === null && options.split_column === undefined && others.length > (head.labelled ? 1 : 0);
  const known = columnsNamed(head.header ?? [], [new Set(LABEL_WORDS.flatMap((tier) => [...tier]))]);
  const unnamed = isOpen ? others.find((column) => !known.includes(column) && splitWithoutName(column)) : undefined;
  const split = named ?? unnamed ?? null;
  const [label, passedOver] = head.labelled ? labelColumn(head, path, split, options) : [null, []];
  const given = [path, label, split].filter((column) => typeof column === 'number');
  if (new Set(given).size < given.length)
    throw refusal(head.source, 'One column was given for two things.', FLAGS, { id: 'table_columns' });
  return { names: namesOf(head), path, label, split, passedOver };
}
