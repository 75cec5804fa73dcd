/** Result of a computation: its value, or the error that it threw. */
import { errorData, type ErrorData } from '../../../shared/errors';

export type Outcome<T> = { value: T; error: null } | { value: null; error: ErrorData };

export function outcomeOf<T>(compute: () => T): Outcome<T> {
  try {
    return { value: compute(), error: null };
  } catch (error) {
    return { value: null, error: errorData(error) };
  }
}
