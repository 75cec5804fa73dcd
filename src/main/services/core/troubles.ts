/**
 * Errors of work that a host does by itself, from timers and from other processes' messages. No caller waits for such
 * an error, so it is kept here for the windows to read, reported once, and the host continues; the same work succeeding
 * later ends it.
 */
import { errorData, type ErrorData } from '../../../shared/errors';
import { storeError } from '../../store/store-error';

export interface Trouble {
  /** Name of the failing work; it has one trouble at a time. */
  id: string;
  error: ErrorData;
}

export class Troubles {
  private readonly current = new Map<string, ErrorData>();

  /** @param path the database's file @param onChange called when a trouble has come or has ended */
  constructor(
    private readonly path: string,
    private readonly onChange: () => void,
  ) {}

  list(): Trouble[] {
    return [...this.current].map(([id, error]) => ({ id, error }));
  }

  /** Does some work, and never throws. @returns whether it was done */
  guard(id: string, work: () => void): boolean {
    try {
      work();
    } catch (error) {
      this.failed(id, error);
      return false;
    }
    if (this.current.delete(id)) this.onChange();
    return true;
  }

  private failed(id: string, thrown: unknown): void {
    const error = dataFolderError(errorData(storeError(thrown, this.path)));
    const known = this.current.get(id);
    this.current.set(id, error);
    if (known?.code === error.code) return;
    console.error(`${error.what} ${error.why}`);
    this.onChange();
  }
}

/** Returns an error that a user can act on, about the data folder instead of one file in it. */
function dataFolderError(error: ErrorData): ErrorData {
  if (!['disk_full', 'store_readonly', 'store_locked'].includes(error.code)) return error;
  return { ...error, what: `The data folder can't be written: ${error.what}` };
}
