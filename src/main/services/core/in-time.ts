/**
 * Limits the wait for a file system that may never answer: a network mount whose server is gone blocks its caller, and
 * each question blocks one of the few threads that all of Node's file access shares.
 */
import { AppError } from '../../../shared/errors';

const LONGEST_MS = 3000;
/** With this many unanswered questions no other is asked, so that the remaining threads serve reachable paths. */
const MOST_LATE = 2;

const asking = new Map<string, Promise<unknown>>();
const late = new Set<string>();

/**
 * Returns the answer of `ask` about a path, or throws after a while. A question without an answer yet is not asked
 * again.
 * @throws AppError io where no answer came in time, and whatever `ask` throws
 */
export async function inTime<T>(path: string, ask: () => Promise<T>, longestMs = LONGEST_MS): Promise<T> {
  if (late.has(path) || late.size >= MOST_LATE) throw unanswered(path);
  const answer = (asking.get(path) as Promise<T> | undefined) ?? ask();
  asking.set(path, answer);
  const done = (): void => {
    asking.delete(path);
    late.delete(path);
  };
  answer.then(done, done);
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      late.add(path);
      reject(unanswered(path));
    }, longestMs);
    // A process that waits for nothing else may end.
    timer.unref();
  });
  try {
    return await Promise.race([answer, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

const unanswered = (path: string): AppError =>
  new AppError({
    code: 'io',
    what: `${path} can't be reached.`,
    why: 'Its file system does not answer; a network drive may be disconnected.',
    next: 'Connect it again, or unmount it, then try again.',
  });
