import { escapeControls } from './printable';

/**
 * Writes a text as one field of a format that has a line per entry. It is written unchanged, unless it contains a
 * character that ends a line or a field for some reader or changes the order of letters, or begins with a quote; then
 * it is a JSON string. So each entry stays one line, and nothing is lost.
 */
export const lineField = (text: string): string =>
  escapeControls(text) !== text || text.startsWith('"') ? escapeControls(JSON.stringify(text)) : text;
