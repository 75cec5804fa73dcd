import { AppError } from '../../../shared/errors';
import { isDiskFull } from '../../base/disk-full';
import { systemReason } from '../../engine/data/scan/entries';

/**
 * Calls a function that writes, and reports where the system refused it.
 * @param what could not be written, as a sentence @param instead what else to choose, after "choose" @throws AppError
 * io, disk_full
 */
export function written<T>(write: () => T, what: string, instead: string): T {
  try {
    return write();
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === undefined) throw cause;
    const isFull = isDiskFull(cause);
    throw new AppError(
      {
        ...{ code: isFull ? 'disk_full' : 'io', what, why: `The system says: ${systemReason(cause)}.` },
        next: isFull ? `Free some disk space, or choose ${instead}.` : `Choose ${instead}.`,
      },
      { cause },
    );
  }
}
