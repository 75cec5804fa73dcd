/** Finds the encoding of a table's text: by its byte order mark, by its bytes, or as the user says. */
import { AppError } from '../../../../shared/errors';
import { refusal } from './refuse';

export interface Encoding {
  /** A label of the Encoding Standard. */
  name: string;
  /** Whether neither a mark nor the user says so. */
  guessed: boolean;
}

/** Names that Windows and Python use and the Encoding Standard does not. */
const ALIASES = new Map([
  ['cp932', 'shift_jis'],
  ['cp874', 'windows-874'],
  ['cp936', 'gbk'],
  ['cp949', 'euc-kr'],
  ['cp950', 'big5'],
  ['cp65001', 'utf-8'],
  ['utf8-sig', 'utf-8'],
  ['utf-8-sig', 'utf-8'],
  ['latin-1', 'latin1'],
  ['mac-roman', 'macintosh'],
  ['macroman', 'macintosh'],
]);

/** First bytes of files that are no text, although they have a table's name. */
const NO_TEXT: [string, number[]][] = [
  ['a spreadsheet or another ZIP archive', [0x50, 0x4b, 0x03, 0x04]],
  ['an old Excel file', [0xd0, 0xcf, 0x11, 0xe0]],
  ['a gzip archive', [0x1f, 0x8b]],
  ['a Parquet file', [0x50, 0x41, 0x52, 0x31]],
  ['text in UTF-32', [0xff, 0xfe, 0x00, 0x00]],
  ['text in UTF-32', [0x00, 0x00, 0xfe, 0xff]],
];

const starts = (head: Buffer, bytes: readonly number[]): boolean => bytes.every((byte, index) => head[index] === byte);

/** Recognises UTF-16 without a mark: in mostly ASCII text, every other byte is zero. */
function utf16BySigns(head: Buffer): string | null {
  const zeros = [0, 0];
  for (let at = 0; at < head.length; at++) if (head[at] === 0) zeros[at % 2]!++;
  const [even, odd] = zeros as [number, number];
  const half = head.length / 2;
  if (odd > 0.2 * half && even < 0.1 * odd) return 'utf-16le';
  if (even > 0.2 * half && odd < 0.1 * even) return 'utf-16be';
  return null;
}

/** Recognises ISO-2022-JP, which is ASCII but for the escape sequences that switch to Japanese: `ESC $ B`. */
const isIso2022 = (head: Buffer): boolean => ['\x1b$B', '\x1b$@', '\x1b(J'].some((sign) => head.includes(sign));

/** Returns the encoding of a given name. @throws AppError usage */
function named(given: string): string {
  const name = ALIASES.get(given.trim().toLowerCase()) ?? given.trim();
  try {
    return new TextDecoder(name).encoding;
  } catch {
    throw new AppError({
      code: 'usage',
      what: `There is no encoding ${given}.`,
      why: 'The encodings are those of the Encoding Standard, such as utf-8, utf-16le, windows-1252, shift_jis or gb18030.',
      next: 'Give one of these, or save the table as UTF-8 and leave the encoding out.',
    });
  }
}

/**
 * Finds the encoding.
 * @param head the file's first bytes, an even number of them
 * @throws AppError bad_dataset for files that are not text, usage for an unknown encoding
 */
export function encodingOf(source: string, head: Buffer, given?: string): Encoding {
  const other = NO_TEXT.find(([, bytes]) => starts(head, bytes));
  if (other)
    throw refusal(source, `It is ${other[0]}, not a table as text.`, 'Save it as CSV in UTF-8, and import that.');
  const marked = starts(head, [0xff, 0xfe]) ? 'utf-16le' : starts(head, [0xfe, 0xff]) ? 'utf-16be' : null;
  if (given !== undefined && given.trim() !== '') {
    const name = named(given);
    return { name: name.startsWith('utf-16') && marked ? marked : name, guessed: false };
  }
  if (marked) return { name: marked, guessed: false };
  const signs = utf16BySigns(head) ?? (isIso2022(head) ? 'iso-2022-jp' : null);
  return signs ? { name: signs, guessed: true } : { name: 'utf-8', guessed: false };
}
