import { AppError, type ErrorAction } from '../../../../shared/errors';

/**
 * Refuses a table that can't be read as a whole. @param action the next step in the window, where `next` names flags
 */
export const refusal = (source: string, why: string, next: string, action?: ErrorAction): AppError =>
  new AppError({ code: 'bad_dataset', what: `${source} can't be imported.`, why, next, action });

/** Shortens a user's text to one line for use within a sentence. */
export function quoted(text: string, most = 60): string {
  const plain = text.replace(/\p{Cc}/gu, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return plain.length > most ? `${plain.slice(0, most)}…` : plain;
}
