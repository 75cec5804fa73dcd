import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, join, normalize, relative } from 'node:path';
import { AppError } from '../../../../shared/errors';
import type { Candidate, DatasetFormat, Split } from '../scan/entries';

const SPLITS: Record<string, Split> = {
  train: 'train',
  training: 'train',
  val: 'val',
  valid: 'val',
  validation: 'val',
  test: 'test',
};

/** Records of RFC 4180, with either separator. */
export function parseTable(text: string, separator: string): string[][] {
  const rows: string[][] = [];
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
      if (row.length || field) rows.push([...row, field]);
      [row, field] = [[], ''];
    } else field += letter;
  }
  if (row.length || field) rows.push([...row, field]);
  return rows;
}

/** A table of path, label and optionally split, with or without a header; paths relative to the table's folder. */
export const format: DatasetFormat = {
  id: 'csv',
  matches: (source, isFolder) => !isFolder && /\.(csv|tsv|txt)$/i.test(source),
  root: (source) => dirname(source),
  *walk(source, report): Generator<Candidate> {
    const text = readFileSync(source, 'utf8').replace(/^\uFEFF/, '');
    const separator = /\.tsv$/i.test(source) || (!text.split('\n', 1)[0]?.includes(',') && text.includes('\t')) ? '\t' : ',';
    const rows = parseTable(text, separator);
    const header = (rows[0] ?? []).map((cell) => cell.trim().toLowerCase());
    const named = header.includes('path') || header.includes('label');
    const columns = named
      ? { path: header.indexOf('path'), label: header.indexOf('label'), split: header.indexOf('split') }
      : { path: 0, label: 1, split: 2 };
    if (columns.path < 0 || columns.label < 0) {
      throw new AppError({
        code: 'bad_dataset',
        what: `${source} can't be imported.`,
        why: `Its header is ${header.join(', ')}; the columns path and label are needed.`,
        next: 'Name the columns path, label and, if wanted, split.',
      });
    }
    const root = dirname(source);
    const seen = new Set<string>();
    for (const [index, row] of rows.slice(named ? 1 : 0).entries()) {
      const line = index + (named ? 2 : 1);
      const given = row[columns.path]?.trim() ?? '';
      const className = row[columns.label]?.trim() ?? '';
      const path = isAbsolute(given) ? relative(root, given) : normalize(given);
      const splitName = row[columns.split]?.trim().toLowerCase() ?? '';
      const split = SPLITS[splitName] ?? null;
      const key = createHash('sha1').update(path).digest('base64');
      if (!given || !className)
        report({ kind: 'ignored', path: path || `line ${line}`, reason: `Line ${line} has no ${given ? 'label' : 'path'}.` });
      else if (splitName && !split)
        report({ kind: 'ignored', path, reason: `Line ${line}: ${splitName} is none of train, val and test.` });
      else if (seen.has(key))
        report({ kind: 'ignored', path, reason: `Line ${line} names a file that an earlier line has named.` });
      else if (!existsSync(join(root, path)))
        report({
          kind: lstatSync(join(root, path), { throwIfNoEntry: false })?.isSymbolicLink() ? 'broken_link' : 'unreadable',
          path,
          reason: `Line ${line}: the file is not there.`,
        });
      else {
        seen.add(key);
        yield { path, className, split };
      }
    }
  },
};
