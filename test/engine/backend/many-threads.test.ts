import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { locateEngine } from '../../../src/main/engine/backend/locate';

const PROGRAM = fileURLToPath(new URL('many-threads.mjs', import.meta.url));
const [THREADS, OPS] = [2, 20];
/**
 * Number of processes. With tfjs-node's own addon, one process in five ends with a segmentation fault, because all
 * threads share one list of names.
 */
const PROCESSES = 8;

describe('the addon', () => {
  it('runs ops in several threads at once', ({ skip }) => {
    const engine = locateEngine();
    if (engine.kind === 'tfjs-cpu') return skip(`there is no engine: ${engine.why}`);
    for (let at = 0; at < PROCESSES; at++) {
      const args = [PROGRAM, engine.addon, `${THREADS}`, `${OPS}`];
      const { status, signal, stdout, stderr } = spawnSync(process.execPath, args, {
        encoding: 'utf8',
        timeout: 60_000,
      });
      expect({ status, signal, ops: Number(stdout) }, stderr).toEqual({ status: 0, signal: null, ops: THREADS * OPS });
    }
  }, 90_000);
});
