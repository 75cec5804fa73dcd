import { escapeControls } from './printable';

/**
 * A text as one field of a format that has a line per entry. It is written as it is, unless it holds a character that ends a line or a
 * field for some reader, or begins with a quote; then it is a JSON string. So each entry stays one line, and nothing is lost.
 */
export const lineField = (text: string): string =>
  /[\p{Cc}\u2028\u2029]/u.test(text) || text.startsWith('"') ? escapeControls(JSON.stringify(text)) : text;
