import { readFileSync } from 'node:fs';

/**
 * Says whether no process of this id runs; a zombie does not. It does the same as src/main/base/process-ended.ts, for
 * scripts that run before the build.
 */
export function hasEnded(pid) {
  try {
    process.kill(pid, 0);
    return process.platform === 'linux' && /\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch (error) {
    return ['ESRCH', 'ENOENT'].includes(error.code);
  }
}
