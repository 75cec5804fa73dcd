/**
 * Questions to a file system that may never be answered: a network mount whose server is gone keeps whoever asks, and
 * each question keeps one of the few threads that all of Node's file access shares.
 */
import { AppError } from '../../../shared/errors';

const LONGEST_MS = 3000;
/** With as many questions unanswered no other is asked: the rest of the threads is for what can be reached. */
const MOST_LATE = 2;

const asking = new Map<string, Promise<unknown>>();
const late = new Set<string>();

/**
 * What `ask` answers about a path, or an error after a while. A question that has had no answer yet is not asked again.
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
    // Who waits for nothing else may end.
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
