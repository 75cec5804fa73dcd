import { escapeControls } from './printable';

/**
 * A text as one field of a format that has a line per entry. It is written as it is, unless it holds a character that
 * ends a line or a field for some reader or turns the order of letters, or begins with a quote; then it is a JSON
 * string. So each entry stays one line, and nothing is lost.
 */
export const lineField = (text: string): string =>
  escapeControls(text) !== text || text.startsWith('"') ? escapeControls(JSON.stringify(text)) : text;
