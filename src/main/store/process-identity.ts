import { readFileSync } from 'node:fs';

/**
 * When a process started, as text that no later process with the same id shares: boot id and start time on Linux. Elsewhere null, and only the id is looked at.
 */
export function processStart(pid: number): string | null {
  if (process.platform !== 'linux') return null;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold spaces; the start time is the 22nd field.
    const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${started}`;
  } catch {
    // The process has ended.
    return null;
  }
}

export function processAlive(pid: number, started: string | null): boolean {
  if (started !== null) return processStart(pid) === started;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there, but another user's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
