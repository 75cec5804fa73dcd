import { readFileSync } from 'node:fs';

/**
 * When a process started, as text that no later process with the same id shares: boot id and start time on Linux. null elsewhere, and
 * for a process that has ended (a zombie too: under an init that doesn't reap, a killed trainer stays one for ever).
 */
export function processStart(pid: number): string | null {
  if (process.platform !== 'linux') return null;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold spaces; the state is the 3rd field and the start time the 22nd.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return null;
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${fields[19] ?? ''}`;
  } catch (error) {
    // ESRCH: it ended while it was being read.
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}

/** Without a start time to compare, a process that keeps its id but has shown no heartbeat for this long is another one. */
export const LONGEST_SILENCE_MS = 120_000;

export interface ProcessTrace {
  pid: number;
  /** `processStart` when it took the run. */
  started: string | null;
  heartbeatMs: number;
}

export function processAlive({ pid, started, heartbeatMs }: ProcessTrace, nowMs = Date.now()): boolean {
  if (started !== null) return processStart(pid) === started;
  if (nowMs - heartbeatMs > LONGEST_SILENCE_MS) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there, but another user's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
