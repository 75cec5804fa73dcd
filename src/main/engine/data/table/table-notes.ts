/** Notes for the review about how a table was read. */
import { basename } from 'node:path';
import type { TableReading } from '../../../../shared/contract/table';
import type { Problem } from '../scan/entries';
import type { Spelling } from './find-file';
import { wordOf } from './header-words';
import { LabelNotes } from './label-notes';
import type { TablePlan } from './plan';
import { quoted } from './refuse';

const MOST_NAMED = 50;

const SPELLINGS: Record<Spelling, string> = {
  file_url: 'are file:// addresses',
  backslash: 'are written with backslashes',
  unicode_form: 'differ from the file’s name in their Unicode form (composed or decomposed letters)',
  case: 'differ from the file’s name in capital and small letters',
  no_ending: 'have no ending',
  other_ending: 'have another ending than the file',
  tail: 'begin in a folder that is not there, and were found by the rest of them or in a folder below',
};

interface Example {
  line: number;
  given: string;
  path: string;
}

/** Counts notes that are made once for many rows, with the first of them. */
export class TableNotes {
  private readonly spellings = new Map<Spelling, { count: number; first: Example; paths: string[] }>();
  private outside: { count: number; first: Example; paths: string[] } | null = null;

  private readonly labels: LabelNotes;

  constructor(private readonly plan: TablePlan) {
    this.labels = new LabelNotes(typeof plan.label === 'number' && wordOf(plan.names[plan.label] ?? '') === 'tags');
  }

  found(example: Example, spellings: readonly Spelling[], className: string | null): void {
    if (className !== null) this.labels.add(className, example.line);
    for (const spelling of spellings) {
      const known = this.spellings.get(spelling) ?? { count: 0, first: example, paths: [] };
      known.count++;
      if (known.paths.length < MOST_NAMED) known.paths.push(example.path);
      this.spellings.set(spelling, known);
    }
    if (!/^\.\.([\\/]|$)/.test(example.path)) return;
    this.outside ??= { count: 0, first: example, paths: [] };
    this.outside.count++;
    if (this.outside.paths.length < MOST_NAMED) this.outside.paths.push(example.path);
  }

  /** Yields the notes about the columns. */
  *ofPlan(options: TableReading): Generator<Problem> {
    const { names, path, label, split, passedOver, encoding, width, source } = this.plan;
    const table = basename(source);
    const used = new Set([path, ...(label === null ? [] : [label].flat()), ...(split === null ? [] : [split])]);
    for (let column = 0; column < width; column++) {
      if (used.has(column)) continue;
      const name = names[column] as string;
      const taken = typeof label === 'number' ? names[label] : '';
      const reason = passedOver.includes(column)
        ? `The column ${name} could be the label too; ${taken} is taken, because names go before numbers. Where ${name} is the label, say so (on the command line: --label-column ${name}).`
        : `The column ${name} isn’t used.`;
      yield { kind: 'unused_column', path: `${table}: column ${column + 1}`, reason };
    }
    if (Array.isArray(label))
      yield this.note(
        'labels',
        `Its columns ${label.map((column) => names[column]).join(', ')} are taken for the classes: one of them holds a 1.`,
      );
    yield* this.ofFirstLines();
    if (encoding.guessed)
      yield this.note(
        'encoding',
        `It has no byte order mark; by its signs it is ${encoding.name}. Where it is another, say so (on the command line: --encoding NAME).`,
      );
    if (options.split_column?.trim().toLowerCase() === 'none')
      yield this.note('split', 'No column is taken for the split, as was asked for.');
  }

  private *ofFirstLines(): Generator<Problem> {
    const { preamble, hasRowNames } = this.plan;
    if (preamble.length === 1)
      yield this.note('first line', `Line ${preamble[0]} comes before the table, and isn’t read.`);
    if (preamble.length > 1)
      yield this.note(
        'first lines',
        `Lines ${preamble[0]} to ${preamble.at(-1)} come before the table, and aren’t read.`,
      );
    if (hasRowNames)
      yield this.note(
        'header',
        'Its header has one name fewer than each row has fields, as where R writes the names of rows: the first field is taken to have none.',
      );
  }

  note(topic: string, reason: string): Problem {
    return { kind: 'table_note', path: `${basename(this.plan.source)}: ${topic}`, reason };
  }

  /** Yields the notes about the rows that were read. */
  *ofRows(): Generator<Problem> {
    const table = basename(this.plan.source);
    let count = 0;
    for (const reason of this.labels.reasons()) yield this.note(count++ ? `labels (${count})` : 'labels read', reason);
    for (const [spelling, { count, first, paths }] of this.spellings)
      yield {
        kind: 'other_spelling',
        path: `${table}: ${spelling}`,
        reason: `${many(count)} ${SPELLINGS[spelling]}. In line ${first.line}, ${quoted(first.given)} is ${quoted(first.path)}.`,
        others: paths,
      };
    if (this.outside)
      yield {
        kind: 'outside_folder',
        path: `${table}: outside`,
        reason: `${many(this.outside.count)} lead out of the table’s folder. In line ${this.outside.first.line} it is ${quoted(this.outside.first.path)}.`,
        others: this.outside.paths,
      };
  }
}

const many = (count: number): string => `The paths of ${count} ${count === 1 ? 'row' : 'rows'}`;
