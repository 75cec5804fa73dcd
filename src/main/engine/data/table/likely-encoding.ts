/**
 * Guesses the encoding of a table that is not UTF-8: it tries each candidate on the lines that are wrong, and scores
 * their letters.
 */
import { isUtf8 } from 'node:buffer';
import { closeSync, openSync, readSync } from 'node:fs';
import type { AppError } from '../../../../shared/errors';
import { quoted, refusal } from './refuse';

/** Candidates, the more common first, which decides between equals. */
const CANDIDATES = [
  ...[
    'windows-1252',
    'windows-1250',
    'windows-1251',
    'shift_jis',
    'gb18030',
    'euc-kr',
    'big5',
    'euc-jp',
    'windows-1253',
    'windows-1254',
  ],
  ...['windows-1255', 'windows-1256', 'windows-874', 'macintosh', 'koi8-r', 'ibm866'],
];

const LATIN = /\p{Script=Latin}/u;
/** Scripts that are not mixed within a word. */
const SCRIPTS = [
  ...[LATIN, /\p{Script=Cyrillic}/u, /\p{Script=Greek}/u, /\p{Script=Hebrew}/u, /\p{Script=Arabic}/u],
  ...[/\p{Script=Thai}/u, /[\uac00-\ud7a3]/u, /[\u3005\u3040-\u30ff\u4e00-\u9fff]/u],
];

const scriptOf = (letter: string): number => SCRIPTS.findIndex((script) => script.test(letter));
const isLetter = (text: string): boolean => /\p{L}/u.test(text);
const isBeyondAscii = (text: string): boolean => text.charCodeAt(0) > 127;

/** Says whether a letter beyond ASCII does not fit its neighbours. */
function isOdd(before: string, letter: string, after: string): boolean {
  const script = scriptOf(letter);
  if (script < 0) return true;
  const beside = [before, after].filter(isLetter);
  if (beside.some((each) => scriptOf(each) !== script)) return true;
  // This is a capital after a small letter, or within a word of small letters.
  if (/\p{Lu}/u.test(letter) && isLetter(before) && (/\p{Ll}/u.test(before) || /\p{Ll}/u.test(after))) return true;
  // Two accented letters of the Latin alphabet are seldom side by side.
  return LATIN.test(letter) && beside.some(isBeyondAscii);
}

/** Encodings of China and Korea hold the letters of Japan too, which their texts hardly ever use. */
const WITHOUT_KANA = ['gb18030', 'big5', 'euc-kr'];
const KANA_BONUS = 0.01;
const KANA = /[\u3040-\u30ff]/u;

/** Returns the share of the letters beyond ASCII that fit their neighbours and the encoding. */
function plausibility(text: string, encoding: string): number {
  const letters = [...text];
  const beyond = letters.flatMap((letter, index) => (isBeyondAscii(letter) ? [index] : []));
  const odd = beyond.filter(
    (index) =>
      isOdd(letters[index - 1] ?? ' ', letters[index] as string, letters[index + 1] ?? ' ') ||
      (WITHOUT_KANA.includes(encoding) && KANA.test(letters[index] as string)),
  );
  const kana = beyond.filter((index) => KANA.test(letters[index] as string)).length;
  // Text that is mostly kana in an encoding of Japan reads as rare words of Chinese too.
  const bonus = kana > beyond.length / 2 && !WITHOUT_KANA.includes(encoding) ? KANA_BONUS : 0;
  return beyond.length ? 1 + bonus - odd.length / beyond.length : 0;
}

function decoded(bytes: Buffer, name: string): string | null {
  try {
    return new TextDecoder(name, { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

interface WrongLine {
  line: number;
  bytes: Buffer;
}

const CHUNK = 1 << 20;
const MOST_LINES = 200;
const MOST_BYTES = 4096;

/** Returns the first lines that are not UTF-8. */
function wrongLines(source: string): WrongLine[] {
  const found: WrongLine[] = [];
  const handle = openSync(source, 'r');
  try {
    let [rest, line]: [Buffer, number] = [Buffer.alloc(0), 0];
    for (let size = 1; size > 0 && found.length < MOST_LINES;) {
      const chunk = Buffer.alloc(CHUNK);
      size = readSync(handle, chunk, 0, CHUNK, null);
      const bytes = Buffer.concat([rest, chunk.subarray(0, size)]);
      let start = 0;
      for (let at = 0; at < bytes.length; at++) {
        const last = size === 0 && at === bytes.length - 1;
        const ends = bytes[at] === 10 || (bytes[at] === 13 && at + 1 < bytes.length && bytes[at + 1] !== 10);
        if (!ends && !last) continue;
        line++;
        const to = ends ? at : at + 1;
        const own = bytes.subarray(start, bytes[to - 1] === 13 ? to - 1 : to);
        if (!isUtf8(own) && found.length < MOST_LINES)
          found.push({ line, bytes: Buffer.from(own.subarray(0, MOST_BYTES)) });
        start = at + 1;
      }
      rest = bytes.subarray(start);
    }
  } finally {
    closeSync(handle);
  }
  return found;
}

/**
 * Makes the refusal of a table that is not UTF-8: it shows a line, and how that line reads in the encodings that fit
 * best.
 */
export function notUtf8(source: string): AppError {
  const wrong = wrongLines(source);
  const all = Buffer.concat(wrong.flatMap(({ bytes }) => [bytes, Buffer.from('\n')]));
  const ranked = CANDIDATES.flatMap((name) => {
    const text = decoded(all, name);
    return text === null ? [] : [{ name, score: plausibility(text, name) }];
  }).sort((a, b) => b.score - a.score);
  const [first] = wrong;
  if (!first || !ranked[0] || ranked[0].score < 0.5)
    return refusal(
      source,
      `Line ${first?.line ?? 1} is not UTF-8, and no common encoding makes words of it.`,
      'Save it as UTF-8, and import that.',
    );
  const readings = new Map<string, string>();
  for (const { name } of ranked) {
    const reading = decoded(first.bytes, name) ?? '';
    if (![...readings.values()].includes(reading)) readings.set(name, reading);
  }
  const [best, ...others] = [...readings].slice(0, 3).map(([name, reading]) => `“${quoted(reading, 80)}” as ${name}`);
  const rest = others.length ? `; other readings are ${others.join(' and ')}` : '';
  return refusal(
    source,
    `Line ${first.line} is not UTF-8. Most likely the table is ${ranked[0].name}: the line reads ${best}${rest}.`,
    `Choose its encoding (on the command line: --encoding ${ranked[0].name}), or save the table as UTF-8.`,
    { id: 'table_encoding_of', values: { encoding: ranked[0].name } },
  );
}
