/** Options that a person can set for a table before it is read. */
import type { TableReading } from '../../../shared/contract/table';

export const TABLE_FIELDS = ['path_column', 'label_column', 'split_column', 'val_value'] as const;

/** Common encodings; any other name of the Encoding Standard works on the command line. */
export const ENCODINGS: readonly string[] = [
  ...['utf-8', 'utf-16le', 'utf-16be', 'windows-1252', 'windows-1250', 'windows-1251', 'windows-1253', 'windows-1254'],
  ...['windows-1255', 'windows-1256', 'macintosh', 'gb18030', 'big5', 'shift_jis', 'euc-kr'],
];

/** Says whether the source is a table and not a folder, judged by its name. */
export const isTable = (source: string): boolean => /\.(csv|tsv|tab|txt|lst)$/i.test(source);

/** Returns the options that were set; blank fields are left out. */
export function readingOf(fields: ReadonlyMap<string, string | number>, encoding: string): TableReading {
  const reading: TableReading = {};
  for (const field of TABLE_FIELDS) {
    const value = String(fields.get(field) ?? '').trim();
    if (value) reading[field] = value;
  }
  if (encoding) reading.encoding = encoding;
  return reading;
}
