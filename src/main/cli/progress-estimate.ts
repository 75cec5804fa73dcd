import { duration } from './format';

/** Work shorter than this many milliseconds shows no progress. */
const SILENT_MS = 1000;

/**
 * Says how many images are done and about how long the others take; it prints nothing within the first second.
 * @param what is made of them
 */
export function progressWithEstimate(
  progress: (line: string) => void,
  what: string,
): (done: number, total: number) => void {
  const began = performance.now();
  return (done, total) => {
    const passed = performance.now() - began;
    if (passed < SILENT_MS || done === 0) return;
    const left = ((passed / done) * (total - done)) / 1000;
    progress(`${what}: ${done} of ${total} images, about ${duration(left)} left`);
  };
}
