/**
 * Escapes names of files, classes and tensors, which come from elsewhere: characters that control a terminal or change
 * the order of letters are shown, not obeyed.
 */

/** Control characters, line separators, and those that override the direction of text. */
const STEERS = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

const SHORT = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

const escaped = (letter: string): string =>
  SHORT.get(letter) ?? `\\u${(letter.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;

/** Escapes such characters as JSON does, line breaks and tabs too. */
export const escapeControls = (text: string): string => text.replace(STEERS, escaped);

/** Escapes the same characters except line breaks and tabs, for a text of many lines. */
export const printableLines = (text: string): string =>
  text.replace(STEERS, (letter) => (letter === '\n' || letter === '\t' ? letter : escaped(letter)));
