import { readFileSync } from 'node:fs';

/**
 * Says whether no process of this id runs. A zombie counts as ended: under an init that doesn't reap, a killed process
 * stays one for ever.
 */
export function hasEnded(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform === 'linux' && /\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch (error) {
    return ['ESRCH', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '');
  }
}
