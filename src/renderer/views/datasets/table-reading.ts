/** What a person may say of a table before it is read. */
import type { TableReading } from '../../../shared/contract/table';

export const TABLE_FIELDS = ['path_column', 'label_column', 'split_column', 'val_value'] as const;

/** The common ones; any other name of the Encoding Standard works on the command line. */
export const ENCODINGS: readonly string[] = [
  ...['utf-8', 'utf-16le', 'utf-16be', 'windows-1252', 'windows-1250', 'windows-1251', 'windows-1253', 'windows-1254'],
  ...['windows-1255', 'windows-1256', 'macintosh', 'gb18030', 'big5', 'shift_jis', 'euc-kr'],
];

/** A table and not a folder, as far as its name says. */
export const isTable = (source: string): boolean => /\.(csv|tsv|tab|txt|lst)$/i.test(source);

/** Only what was said: fields that are blank are left out. */
export function readingOf(fields: ReadonlyMap<string, string | number>, encoding: string): TableReading {
  const reading: TableReading = {};
  for (const field of TABLE_FIELDS) {
    const value = String(fields.get(field) ?? '').trim();
    if (value) reading[field] = value;
  }
  if (encoding) reading.encoding = encoding;
  return reading;
}
