import { createHash } from 'node:crypto';
import { lstatSync, readFileSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, normalize, relative } from 'node:path';
import { AppError } from '../../../../shared/errors';
import { systemReason, type Candidate, type DatasetFormat, type Problem, type Split } from '../scan/entries';

const SPLITS: Record<string, Split> = {
  train: 'train',
  training: 'train',
  val: 'val',
  valid: 'val',
  validation: 'val',
  test: 'test',
};

/** UTF-8, or what spreadsheets call Unicode text: UTF-16 with a mark. */
function textOf(source: string): string {
  const bytes = readFileSync(source);
  return new TextDecoder(bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-8').decode(bytes);
}

/** Records of RFC 4180, with either separator, one at a time. */
export function* parseTable(text: string, separator: string): Generator<string[]> {
  let [row, field, quoted] = [[] as string[], '', false];
  for (let at = 0; at < text.length; at++) {
    const letter = text[at] as string;
    if (quoted) {
      if (letter !== '"') field += letter;
      else if (text[at + 1] === '"') field += text[++at];
      else quoted = false;
    } else if (letter === '"' && field === '') quoted = true;
    else if (letter === separator) [row, field] = [[...row, field], ''];
    else if (letter === '\n' || letter === '\r') {
      if (letter === '\r' && text[at + 1] === '\n') at++;
      if (row.length || field) yield [...row, field];
      [row, field] = [[], ''];
    } else field += letter;
  }
  if (row.length || field) yield [...row, field];
}

/** A table of path, label and optionally split, with or without a header; paths relative to the table's folder. */
export const format: DatasetFormat = {
  id: 'csv',
  matches: (source, isFolder) => !isFolder && /\.(csv|tsv|txt)$/i.test(source),
  root: (source) => dirname(source),
  *walk(source, report): Generator<Candidate> {
    const text = textOf(source);
    const separator = /\.tsv$/i.test(source) || (!text.split('\n', 1)[0]?.includes(',') && text.includes('\t')) ? '\t' : ',';
    const root = dirname(source);
    const known = new Map<string, Named>();
    let columns: Columns | null = null;
    let line = 0;
    for (const row of parseTable(text, separator)) {
      line++;
      if (!columns) {
        const header = headerOf(row, source);
        columns = header ?? PLAIN;
        if (header) continue;
      }
      const given = row[columns.path]?.trim() ?? '';
      const className = row[columns.label]?.trim() ?? '';
      const path = isAbsolute(given) ? relative(root, given) : normalize(given);
      const splitName = row[columns.split]?.trim().toLowerCase() ?? '';
      const split = SPLITS[splitName] ?? null;
      const problem = given && className ? unusable(root, path) : null;
      if (!given || !className)
        report({ kind: 'ignored', path: path || `line ${line}`, reason: `Line ${line} has no ${given ? 'label' : 'path'}.` });
      else if (splitName && !split)
        report({ kind: 'ignored', path, reason: `Line ${line}: ${splitName} is none of train, val and test.` });
      else if (problem) report({ ...problem, path, reason: `Line ${line}: ${problem.reason}` });
      else if (isFirst(known, { path, className, split, line }, report)) yield { path, className, split };
    }
  },
};

interface Columns {
  path: number;
  label: number;
  split: number;
}

const PLAIN: Columns = { path: 0, label: 1, split: 2 };

/** Null where the first row is a row like the others. @throws AppError bad_dataset where it names only one of the two that are needed */
function headerOf(row: readonly string[], source: string): Columns | null {
  const header = row.map((cell) => cell.trim().toLowerCase());
  if (!header.includes('path') && !header.includes('label')) return null;
  const columns = { path: header.indexOf('path'), label: header.indexOf('label'), split: header.indexOf('split') };
  if (columns.path >= 0 && columns.label >= 0) return columns;
  throw new AppError({
    code: 'bad_dataset',
    what: `${source} can't be imported.`,
    why: `Its header is ${header.join(', ')}; the columns path and label are needed.`,
    next: 'Name the columns path, label and, if wanted, split.',
  });
}

/** What a row's file lacks, as far as its entry in the folder says. */
function unusable(root: string, path: string): Pick<Problem, 'kind' | 'reason'> | null {
  try {
    return statSync(join(root, path)).isFile() ? null : { kind: 'unreadable', reason: 'it is not a file.' };
  } catch (error) {
    const isLink = lstatSync(join(root, path), { throwIfNoEntry: false })?.isSymbolicLink();
    if ((error as NodeJS.ErrnoException).code === 'ELOOP') return { kind: 'link_loop', reason: 'it links to itself.' };
    if (isLink) return { kind: 'broken_link', reason: 'what it links to is not there.' };
    const gone = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return { kind: 'unreadable', reason: gone ? 'the file is not there.' : `it can't be read: ${systemReason(error)}.` };
  }
}

interface Named {
  line: number;
  className: string;
}

/** Whether no earlier line has named this file in this split; the second label of one is a conflict, its repetition is left out. */
function isFirst(
  known: Map<string, Named>,
  { path, className, split, line }: Candidate & { line: number },
  report: (problem: Problem) => void,
): boolean {
  const key = createHash('sha1')
    .update(`${split ?? 'train'}\0${path}`)
    .digest('base64');
  const earlier = known.get(key);
  if (!earlier) {
    known.set(key, { line, className });
    return true;
  }
  if (earlier.className === className)
    report({ kind: 'ignored', path, reason: `Line ${line} says again what line ${earlier.line} says.` });
  else
    report({
      kind: 'label_conflict',
      path,
      reason: `It is labelled ${earlier.className} in line ${earlier.line} and ${className} in line ${line}.`,
    });
  return false;
}
