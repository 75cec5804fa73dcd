/**
 * Reads a table of path, label (except in an import without labels) and optionally split, with or without a header;
 * paths are relative to the table's folder.
 */
import { dirname } from 'node:path';
import type { TableReading } from '../../../../shared/contract/table';
import type { Split } from '../../../../shared/splits';
import type { Candidate, DatasetFormat, Problem } from '../scan/entries';
import { FileFinder } from '../table/find-file';
import { FirstNamed } from '../table/first-named';
import { oneHotLabel } from '../table/one-hot';
import { planTable, rowsOf, type TablePlan } from '../table/plan';
import { quoted } from '../table/refuse';
import type { Row } from '../table/rows';
import { splitColumn, type SplitColumn } from '../table/split-column';
import { surveyTable } from '../table/survey';
import { TableNotes } from '../table/table-notes';

/** Number of rows between two pauses, where none of them yields a file. */
const PAUSE = 2000;

type Report = (problem: Problem) => void;

export const format: DatasetFormat = {
  id: 'csv',
  detect: ({ path, isFolder }) => !isFolder && /\.(csv|tsv|tab|txt|lst)$/i.test(path),
  root: (source) => dirname(source),
  *walk(source, report, { table = {}, unlabelled = false }): Generator<Candidate | null> {
    const root = dirname(source);
    const plan = planTable(source, root, table, !unlabelled);
    const notes = new TableNotes(plan);
    const { splitValues, paths } = yield* surveyTable(plan);
    const split = splitOfTable(plan, splitValues, table);
    const finder = new FileFinder(root);
    finder.learn(paths);
    for (const note of notes.ofPlan(table)) report(note);
    for (const reason of splitNotes(plan, split, splitValues)) report(notes.note('split', reason));
    yield* new TableWalk(plan, { finder, notes, split, report }).candidates();
    for (const note of notes.ofRows()) report(note);
  },
};

function splitOfTable(plan: TablePlan, values: readonly string[], options: TableReading): SplitColumn | null {
  if (plan.split === null) return null;
  const name = plan.names[plan.split] as string;
  return splitColumn({ source: plan.source, name, values, isGiven: Boolean(options.split_column) }, options);
}

function* splitNotes(
  { split: column, names }: TablePlan,
  split: SplitColumn | null,
  values: readonly string[],
): Generator<string> {
  if (column === null) return;
  const name = names[column] as string;
  if (!split) {
    yield `The column ${name} holds no names of splits, and isn’t used. Where it is the split, say so with its value for validation (on the command line: --split-column ${name} --val-value VALUE).`;
    return;
  }
  if (split.note !== null) yield split.note;
  if (!values.some((value) => split.splitOf(value) === 'val'))
    yield `The column ${name} has no validation rows. They are drawn from the train rows; test rows stay as they are.`;
}

interface WalkParts {
  finder: FileFinder;
  notes: TableNotes;
  split: SplitColumn | null;
  report: Report;
}

class TableWalk {
  private readonly named = new FirstNamed();

  constructor(
    private readonly plan: TablePlan,
    private readonly parts: WalkParts,
  ) {}

  *candidates(): Generator<Candidate | null> {
    let count = 0;
    for (const row of rowsOf(this.plan)) {
      if (++count % PAUSE === 0) yield null;
      const candidate = 'cells' in row ? this.candidate(row) : this.wrong(row.line, row.wrong);
      if (candidate) yield candidate;
    }
  }

  /**
   * Reports a line that is left out. A finding is identified by its kind and path, so the line number takes the path's
   * place where that path has a finding already.
   */
  private leftOut(line: number, reason: string, kind: Problem['kind'] = 'bad_row', path: string | null = null): null {
    const isFirst = path !== null && !this.named.add(`${kind}\0${path}`, { line, className: '' });
    this.parts.report({ kind, path: isFirst ? path : `line ${line}`, reason });
    return null;
  }

  private wrong(line: number, reason: string): null {
    return this.leftOut(line, `Line ${line}: ${reason}`);
  }

  /** Returns null where the row can't be used; then it has been reported. */
  private candidate(row: Row): Candidate | null {
    const { plan, parts } = this;
    const { line, cells } = row;
    const odd = this.oddFields(row);
    if (odd !== null) return this.wrong(line, odd);
    const given = cells[plan.path] ?? '';
    if (!given) return this.wrong(line, 'it has no path.');
    const label = this.label(cells);
    if ('wrong' in label) return this.wrong(line, `${quoted(given)}: ${label.wrong}`);
    const { className } = label;
    const split = this.split(cells);
    if (split !== null && typeof split === 'object') return this.wrong(line, `${quoted(given)}: ${split.wrong}`);
    const found = parts.finder.find(given);
    if ('problem' in found) {
      const { kind, reason } = found.problem;
      if (kind === 'bad_row') return this.wrong(line, reason);
      return this.leftOut(line, `Line ${line}: ${reason}`, kind, quoted(given, 400));
    }
    const { path } = found;
    if (!this.isFirst({ path, className, split }, line)) return null;
    parts.notes.found({ line, given, path }, found.spellings, className);
    return { path, className, split };
  }

  /**
   * Returns what is wrong with the number of a row's fields, or with a line break in one. Empty fields at its end are
   * allowed.
   */
  private oddFields({ cells, line, lastLine }: Row): string | null {
    const { width, header, path, label, split, names } = this.plan;
    const extra = cells.slice(width).some(Boolean);
    if (cells.length < width || extra) {
      const joined = lastLine > line ? `, in lines ${line} to ${lastLine},` : '';
      return `it has ${fields(cells.length)}${joined} where ${header ? 'the header has' : 'most rows have'} ${width}.`;
    }
    const broken = [path, ...(label === null ? [] : [label].flat()), ...(split === null ? [] : [split])].find(
      (column) => /[\r\n]/.test(cells[column] ?? ''),
    );
    if (broken === undefined) return null;
    return `its field ${names[broken]} continues to line ${lastLine}: “${quoted(cells[broken] ?? '')}”. A quote may be missing.`;
  }

  private label(cells: readonly string[]): { className: string | null } | { wrong: string } {
    const { label, names, header } = this.plan;
    if (label === null) return { className: null };
    if (typeof label === 'number') {
      const className = cells[label] ?? '';
      return className ? { className } : { wrong: 'it has no label.' };
    }
    const column = oneHotLabel(cells, label, names);
    return typeof column === 'string' ? { wrong: column } : { className: header?.[column] ?? '' };
  }

  private split(cells: readonly string[]): Split | null | { wrong: string } {
    const column = this.plan.split;
    if (column === null || !this.parts.split) return null;
    const value = cells[column] ?? '';
    const split = this.parts.split.splitOf(value);
    if (split) return split;
    const name = this.plan.names[column];
    return {
      wrong: value ? `its ${name}, “${quoted(value)}”, names no split: train, val or test.` : `its ${name} is empty.`,
    };
  }

  /**
   * Says whether no earlier line has named this file in this split. A second label of one is a conflict; a repetition
   * is left out.
   */
  private isFirst({ path, className, split }: Candidate, line: number): boolean {
    const earlier = this.named.add(`${split ?? 'train'}\0${path}`, { line, className: className ?? '' });
    if (!earlier) return true;
    if (className === null || earlier.className === className)
      this.leftOut(line, `Line ${line} says again what line ${earlier.line} says.`, 'ignored', path);
    else {
      const reason = `It is labelled ${earlier.className} in line ${earlier.line} and ${className} in line ${line}.`;
      const isFirst = !this.named.add(`label_conflict\0${path}`, { line, className });
      if (isFirst) this.parts.report({ kind: 'label_conflict', path, reason });
      else
        this.wrong(line, `${quoted(path)} is labelled ${className}; line ${earlier.line} says ${earlier.className}.`);
    }
    return false;
  }
}

const fields = (count: number): string => `${count} ${count === 1 ? 'field' : 'fields'}`;
