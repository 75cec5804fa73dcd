/**
 * Reads the rows of a table with their line numbers. Lines are parsed many at a time where each is a row, which
 * csv-parse does quickly. Where one is not (a quote that is open at its end, or wrong), each line is parsed by itself,
 * so that a mistake costs its own line and no other.
 */
import { CsvError, type Options } from 'csv-parse';
import { parse } from 'csv-parse/sync';
import type { LineBlock } from './lines';
import { quoted } from './refuse';

export interface Row {
  line: number;
  /** The last of its lines: a quoted field may hold line breaks. */
  lastLine: number;
  /** Trimmed cells. */
  cells: string[];
}

/** A line that is no row, and why. */
export interface WrongRow {
  line: number;
  wrong: string;
}

/** A quoted field of more lines than this counts as a quote that was not closed. */
const MOST_LINES = 200;
/**
 * Up to this many lines are parsed one by one. More lines are cut into eighths, so that those in order are still parsed
 * at once.
 */
const FEW_LINES = 64;

function* cut({ first, lines }: LineBlock): Generator<LineBlock> {
  const size = Math.ceil(lines.length / 8);
  for (let at = 0; at < lines.length; at += size) yield { first: first + at, lines: lines.slice(at, at + size) };
}

/** Splits a line at blanks, without quotes. For a path with blanks, the last `width - 1` words are the other fields. */
function words(line: string, width: number): string[] {
  const all = line.split(/[ \t]+/).filter(Boolean);
  const extra = all.length - width;
  return width > 0 && extra > 0 ? [all.slice(0, extra + 1).join(' '), ...all.slice(extra + 1)] : all;
}

const OPTIONS: Options = { relax_column_count: true, record_delimiter: '\n', trim: true };

/** Parses text. @throws CsvError */
const parsed = (text: string, separator: string, more: Options = {}): string[][] =>
  parse(`${text}\n`, { ...OPTIONS, delimiter: separator, ...more });

/** Parses a first record. @returns its fields, or the parser's code for what is wrong */
function attempt(text: string, separator: string, more: Options = {}): string[] | string {
  try {
    return parsed(text, separator, more)[0] ?? [];
  } catch (error) {
    if (error instanceof CsvError) return error.code;
    throw error;
  }
}

/** Parses one line. @returns its fields, or the parser's code for what is wrong */
function fieldsOf(text: string, separator: string): string[] | string {
  const fields = attempt(text, separator);
  if (typeof fields !== 'string') return separator === ' ' ? fields.filter(Boolean) : fields;
  if (fields !== 'INVALID_OPENING_QUOTE') return fields;
  // A quote within a field is an ordinary letter, as in `5" lens`; at the field's end it closes a quote that was not
  // opened.
  const relaxed = attempt(text, separator, { relax_quotes: true });
  return typeof relaxed === 'string' || relaxed.some((field) => field.endsWith('"')) ? fields : relaxed;
}

/** Returns the fields of the first line of a table, where nothing is known of it yet. */
export function cellsOf(line: string, separator: string): string[] {
  if (separator === ' ' && !line.includes('"')) return words(line, 0);
  const fields = fieldsOf(line, separator);
  return (typeof fields === 'string' ? parsed(line, separator, { quote: null })[0]! : fields).map((cell) =>
    cell.trim(),
  );
}

export class RowReader {
  constructor(
    private readonly separator: string,
    /** Number of fields of a row; 0: not known. */
    private readonly width: number,
  ) {}

  *rows(blocks: Iterable<LineBlock>): Generator<Row | WrongRow> {
    yield* this.joined(blocks, true);
  }

  /** Joins lines to rows. @returns lines at the end that an open quote may join with what comes after them */
  private *joined(blocks: Iterable<LineBlock>, isLast: boolean): Generator<Row | WrongRow, LineBlock | null> {
    let held: LineBlock | null = null;
    for (const block of blocks) {
      const whole: LineBlock = held ? { first: held.first, lines: [...held.lines, ...block.lines] } : block;
      held = yield* this.block(whole);
    }
    if (!held || !isLast) return held;
    return yield* this.lineByLine(held, true);
  }

  private *block(block: LineBlock): Generator<Row | WrongRow, LineBlock | null> {
    const quick = this.quick(block);
    if (!quick)
      return yield* block.lines.length > FEW_LINES ? this.joined(cut(block), false) : this.lineByLine(block, false);
    for (let index = 0; index < quick.length; index++) {
      const line = block.first + index;
      const cells = quick[index] as string[];
      if (block.lines[index] === null) yield tooLong(line);
      else if (cells.length > 1 || cells[0]?.trim())
        yield { line, lastLine: line, cells: cells.map((cell) => cell.trim()) };
    }
    return null;
  }

  /** Returns a record a line, or null where lines and records do not correspond. */
  private quick({ lines }: LineBlock): string[][] | null {
    const text = lines.map((line) => line ?? '').join('\n');
    const isQuoted = text.includes('"');
    if (this.separator === ' ') return isQuoted ? null : lines.map((line) => words(line ?? '', this.width));
    try {
      const records = parsed(text, this.separator, isQuoted ? {} : { quote: null, trim: false });
      return records.length === lines.length ? records : null;
    } catch (error) {
      if (error instanceof CsvError) return null;
      throw error;
    }
  }

  private *lineByLine({ first, lines }: LineBlock, isLast: boolean): Generator<Row | WrongRow, LineBlock | null> {
    for (let index = 0; index < lines.length; index++) {
      const text = lines[index] as string | null;
      const line = first + index;
      if (text === null) yield tooLong(line);
      else if (text.trim()) {
        const fields =
          text.includes('"') || this.separator !== ' ' ? fieldsOf(text, this.separator) : words(text, this.width);
        if (typeof fields !== 'string') yield { line, lastLine: line, cells: fields.map((cell) => cell.trim()) };
        else if (fields !== 'CSV_QUOTE_NOT_CLOSED') yield { line, wrong: 'a quote is in the middle of a field.' };
        else {
          if (!isLast && lines.length - index <= MOST_LINES) return { first: line, lines: lines.slice(index) };
          const longer = this.closed(lines, index);
          if (longer) {
            yield { line, lastLine: first + longer.last, cells: longer.cells };
            index = longer.last;
          } else
            yield { line, wrong: `a quote is opened and never closed: ${quoted(text.slice(text.lastIndexOf('"')))}` };
        }
      }
    }
    return null;
  }

  /**
   * Returns a row whose quoted field has line breaks. It is none where a line within it would be a row by itself: then
   * a quote is missing, and joining the lines would lose rows.
   */
  private closed(lines: readonly (string | null)[], index: number): { last: number; cells: string[] } | null {
    for (let last = index + 1; last < Math.min(lines.length, index + MOST_LINES); last++) {
      const line = lines[last] as string | null;
      if (line === null) return null;
      if (line.includes('"')) {
        const fields = fieldsOf(lines.slice(index, last + 1).join('\n'), this.separator);
        if (Array.isArray(fields)) return { last, cells: fields.map((cell) => cell.trim()) };
        if (fields !== 'CSV_QUOTE_NOT_CLOSED') return null;
      }
      const alone = fieldsOf(line, this.separator);
      if (Array.isArray(alone) && alone.length > 1 && alone.length === this.width) return null;
    }
    return null;
  }
}

const tooLong = (line: number): WrongRow => ({ line, wrong: 'it is longer than any row of a table.' });
