/**
 * Two PID namespaces on one data folder, like those of a container and its machine. Ids of one mean nothing in the
 * other.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { locateEngine } from '../../src/main/engine/backend/locate';
import { entryPath } from '../../src/main/base/entry';
import type { Dataset } from '../../src/main/store/datasets';
import type { Store } from '../../src/main/store/open';
import { traceOf } from '../../src/main/store/ownership';
import { ownNamespace } from '../../src/main/store/process-identity';
import { reconcileRuns, runById, type Run } from '../../src/main/store/runs';
import { efficienttrain, errorOf } from '../support/cli';
import { importFolder, look, newRun, smallSample, temporary, train } from '../support/training';
import { withStore } from '../support/with-store';
import { compare, SET } from './kills';

const UNSHARE = ['--pid', '--fork', '--mount-proc', '--kill-child'];
const missing = spawnSync('unshare', [...UNSHARE, 'true']).status !== 0;
if (missing)
  console.log('skipped: no PID namespace can be made here (unshare, as root); process-identity.test.ts covers it');

const home = temporary('namespaces');
let dataset: Dataset;
let container: ChildProcess | null = null;

afterEach(() => container?.kill('SIGKILL'));

/** Starts a trainer in a namespace of its own, without a host. */
function trainInside(run: Run): Promise<unknown> {
  container = spawn('unshare', [...UNSHARE, process.execPath, entryPath('trainer'), home, run.id, '--detached'], {
    stdio: 'ignore',
  });
  return once(container, 'exit');
}

/** Returns the trainer's id in the outer namespace: it is the only child of unshare. */
function pidOutside(): number {
  const { pid = 0 } = container ?? {};
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim());
}

const inStore = <T>(act: (store: Store) => T): T => withStore(home, act);
const stepOf = (run: Run): number => inStore((store) => runById(store, run.id)?.step ?? 0);

/** Stops a process, but not while it writes, because the database would stay locked. */
async function haltOutsideTransactions(pid: number): Promise<void> {
  for (let tries = 0; tries < 20; tries++) {
    process.kill(pid, 'SIGSTOP');
    const free = inStore((store) => {
      store.pragma('busy_timeout = 200');
      try {
        store.exec('BEGIN IMMEDIATE; ROLLBACK');
        return true;
      } catch (error) {
        if ((error as { code?: string }).code !== 'SQLITE_BUSY') throw error;
        return false;
      }
    });
    if (free) return;
    process.kill(pid, 'SIGCONT');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('the trainer was writing each time it was stopped');
}

describe.skipIf(missing || locateEngine().kind === 'tfjs-cpu')('a run that trains in another PID namespace', () => {
  beforeAll(async () => {
    dataset = await importFolder(home, smallSample(temporary('namespaces-data'), 24));
  });

  it('is not interrupted, and receives requests', async () => {
    const run = newRun(home, dataset, { epochs: 200, preset: 'constant' });
    const ended = trainInside(run);
    await expect.poll(() => stepOf(run), { timeout: 60_000 }).toBeGreaterThan(5);
    const trace = inStore((store) => traceOf(store, run.id));
    expect(trace?.namespace).not.toBe(ownNamespace());
    // No process with this id in the outer namespace is the trainer.
    expect(trace?.pid).toBeLessThan(100);
    expect(inStore(reconcileRuns)).toEqual([]);
    const listed = await efficienttrain(['runs', '--json'], { home });
    expect(JSON.parse(listed.stdout)).toMatchObject({ runs: [{ id: run.id, state: 'running' }] });
    const resumed = await efficienttrain(['resume', run.id, '--json'], { home });
    expect(errorOf(resumed)).toMatchObject({ code: 'bad_state' });
    const before = stepOf(run);
    await expect.poll(() => stepOf(run), { timeout: 30_000 }).toBeGreaterThan(before);
    const paused = await efficienttrain(['pause', run.id, '--wait', '60', '--json'], { home });
    expect(JSON.parse(paused.stdout)).toMatchObject({ confirmed: true });
    await ended;
    expect(look(home, run.id).run).toMatchObject({ state: 'paused', pid: null });
  });

  it('that showed no life for two minutes is taken over; waking up it writes nothing more, and removes nothing', async () => {
    const options = { epochs: 8, set: [...SET, 'checkpoint.keep_last=1', 'checkpoint.every_seconds=0.2'] };
    const alone = newRun(home, dataset, options);
    expect((await train(home, alone).ended).code).toBe(0);
    const run = newRun(home, dataset, options);
    const ended = trainInside(run);
    await expect.poll(() => stepOf(run), { timeout: 60_000 }).toBeGreaterThan(2);
    const inner = pidOutside();
    await haltOutsideTransactions(inner);
    expect(inStore(reconcileRuns)).toEqual([]);
    inStore((store) => store.prepare('UPDATE runs SET heartbeat_ms = heartbeat_ms - 121000 WHERE id = ?').run(run.id));
    expect(inStore(reconcileRuns)).toEqual([run.id]);
    let woken = false;
    const trainer = train(home, run, (message) => {
      if (woken || message.type !== 'progress' || message.activity !== 'training') return;
      woken = true;
      process.kill(inner, 'SIGCONT');
    });
    const [first] = await Promise.all([ended, trainer.ended]);
    expect(first).toEqual([1, null]);
    expect((await trainer.ended).code).toBe(0);
    expect(woken).toBe(true);
    expect(look(home, run.id).run).toMatchObject({ state: 'completed', error: null });
    await compare(home, alone.id, run.id);
  });
});
