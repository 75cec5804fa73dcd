import { readFileSync } from 'node:fs';

/**
 * Returns the peak of this program's resident memory so far, in bytes. Linux counts it from the program's start;
 * getrusage's figure, which Node gives as maxRSS, is never below the memory of the process that started it.
 */
export const peakBytes = (): number =>
  1024 * Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? NaN);
