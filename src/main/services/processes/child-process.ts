/** Child processes with a channel: nothing that happens to one of them may end the host. */
import type { ChildProcess } from 'node:child_process';
import { AppError } from '../../../shared/errors';

/**
 * Calls `ended` once: when the process has ended, or when it could not be started. The listener to 'error' stays for
 * good, because an 'error' event without a listener ends this process.
 */
export function onEnd(child: ChildProcess, ended: (how: string) => void): void {
  let told = false;
  const tell = (how: string): void => {
    if (told) return;
    told = true;
    ended(how);
  };
  child.on('error', (error) => tell(error.message));
  child.on('exit', (code, signal) => tell(signal ?? `exit code ${code}`));
}

/**
 * Sends where a channel still exists. A message that is lost shows in the end of the process. @returns whether there
 * was a channel
 */
export function tell(child: ChildProcess, message: object): boolean {
  if (!child.connected) return false;
  // Without a callback a failure would be an 'error' event of the process.
  child.send(message, () => undefined);
  return true;
}

/** Closes the channel, at which our processes end. */
export function letGo(child: ChildProcess): void {
  if (child.connected) child.disconnect();
}

/**
 * Starts a process.
 * @param what the process is for, e.g. `a scan`
 * @throws AppError io where the system has no process left to give
 */
export function started(what: string, start: () => ChildProcess): ChildProcess {
  try {
    return start();
  } catch (error) {
    throw notStarted(what, (error as Error).message, error);
  }
}

export const notStarted = (what: string, why: string, cause?: unknown): AppError =>
  new AppError(
    {
      code: 'io',
      what: `The process of ${what} could not be started.`,
      why: `The system says: ${why}.`,
      next: 'Close other programs, or allow more processes and open files, then try again.',
    },
    { cause },
  );
