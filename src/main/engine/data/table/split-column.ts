/**
 * Interprets the values of a split column. Where they are not understood the table is refused: a draw would replace the
 * split it has.
 */
import type { TableReading } from '../../../../shared/contract/table';
import type { Split } from '../../../../shared/splits';
import { splitOfWord } from '../scan/split-words';
import { isDoubtfulSplit, splitsOfTruth } from './header-words';
import { quoted, refusal } from './refuse';

const TRUE = /^(true|t|yes|y|1|1[.,]0*)$/i;
const FALSE = /^(false|f|no|n|0|0[.,]0*)$/i;

export interface SplitColumn {
  /** Returns the split of a value; null for one that means nothing. */
  splitOf: (value: string) => Split | null;
  /** How it was decided, where that is not obvious. */
  note: string | null;
}

const listed = (values: readonly string[]): string =>
  `${values
    .slice(0, 6)
    .map((value) => quoted(value || '(nothing)', 30))
    .join(', ')}${values.length > 6 ? ', …' : ''}`;

/**
 * Interprets a split column.
 * @param values those of the whole table
 * @returns null where the column contains no splits, which is allowed only for a doubtful name
 */
export function splitColumn(
  { source, name, values, isGiven }: { source: string; name: string; values: readonly string[]; isGiven: boolean },
  { val_value }: TableReading,
): SplitColumn | null {
  const said = values.filter(Boolean);
  if (val_value !== undefined && val_value !== '') {
    const wanted =
      said.find((value) => value === val_value) ??
      said.find((value) => value.toLowerCase() === val_value.toLowerCase());
    if (wanted === undefined)
      throw refusal(
        source,
        `No row has “${quoted(val_value)}” in the column ${name}; it holds ${listed(values)}.`,
        'Give one of these as the value for validation (on the command line: --val-value VALUE).',
        { id: 'table_val_value' },
      );
    return {
      splitOf: (value) => (value === wanted ? 'val' : value ? 'train' : null),
      note: `Rows whose ${name} is ${wanted} are the validation split, all others train, as was asked for.`,
    };
  }
  const truth = splitsOfTruth(name);
  if (truth && said.length && said.every((value) => TRUE.test(value) || FALSE.test(value)))
    return {
      splitOf: (value) => (TRUE.test(value) ? truth[0] : FALSE.test(value) ? truth[1] : null),
      note: `Rows whose ${name} is true are ${truth[0]}, those where it is false are ${truth[1]}.`,
    };
  if (said.some((value) => splitOfWord(value) !== null)) return { splitOf: splitOfWord, note: null };
  if (!isGiven && (!said.length || isDoubtfulSplit(name))) return null;
  throw refusal(
    source,
    said.length
      ? `Its column ${name} looks like a split, but holds ${listed(values)}, which are no names of splits.`
      : `Its column ${name} is empty.`,
    'Say which value is the validation split, so that all others are train (on the command line: --val-value VALUE), ' +
      'or that there is no column of the split, so that one is drawn (--split-column none).',
    { id: 'table_val_value_or_none' },
  );
}
