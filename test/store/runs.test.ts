import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { databasePath } from '../../src/main/base/home';
import { EntryWriter } from '../../src/main/store/entries';
import { eventsOf } from '../../src/main/store/events';
import { openStore, type Store } from '../../src/main/store/open';
import { LONGEST_SILENCE_MS, processAlive, processStart } from '../../src/main/store/process-identity';
import { claimRun, findRun, listRuns, reconcileRuns, requestRun, runById } from '../../src/main/store/runs';
import { spoolEntries, spoolPathOf } from '../../src/main/store/spool';
import { buildProcesses, startChild, type Built } from './processes';
import { addRun, temporaryHome } from './support';

let built: Built;
let home: string;
let store: Store;
beforeAll(async () => {
  built = await buildProcesses();
});
beforeEach(() => {
  home = temporaryHome();
  store = openStore(databasePath(home));
});

const stateOf = (id: string): string | undefined => runById(store, id)?.state;
const setState = (id: string, state: string): unknown =>
  store.prepare('UPDATE runs SET state = ? WHERE id = ?').run(state, id);

describe('runs', () => {
  it('keeps the frozen configuration, its origin and the plan', () => {
    const run = addRun(store, { name: 'first', seed: 7 });
    const read = runById(store, run.id);
    expect(read).toEqual(run);
    expect(read).toMatchObject({
      name: 'first',
      state: 'queued',
      step: 0,
      steps: 1000,
      best: null,
      error: null,
      origin: { model: 'flag' },
      tags: [],
    });
    expect(read?.config.seed).toBe(7);
    expect(read?.plan.stages).toHaveLength(2);
    expect(run.id).toMatch(/^[a-z2-9]{8}$/);
  });

  it('names a run that has no name, and lists the newest first', () => {
    const first = addRun(store);
    store.prepare("UPDATE runs SET created = '2020' WHERE id = ?").run(first.id);
    const second = addRun(store);
    expect(first.name).toMatch(/^resnet18-efficienttrain\+\+-/);
    expect(listRuns(store).map(({ id }) => id)).toEqual([second.id, first.id]);
  });

  it('finds by id, unique prefix or name, and lists candidates otherwise', () => {
    const run = addRun(store, { name: 'a' });
    const twin = addRun(store, { name: 'twin' });
    addRun(store, { name: 'twin' });
    store.prepare("UPDATE runs SET id = 'aaaa1111' WHERE id = ?").run(run.id);
    store.prepare("UPDATE runs SET id = 'aabb1111' WHERE id = ?").run(twin.id);
    expect(findRun(store, 'aaaa1111').name).toBe('a');
    expect(findRun(store, 'aab').name).toBe('twin');
    expect(findRun(store, 'a').id).toBe('aaaa1111');
    const refused = (reference: string): unknown => {
      try {
        return findRun(store, reference);
      } catch (error) {
        return error;
      }
    };
    expect(refused('aa')).toMatchObject({
      code: 'ambiguous',
      why: expect.stringMatching(/aaaa1111 \(a\).*aabb1111 \(twin\)/) as unknown,
    });
    expect(refused('twin')).toMatchObject({ code: 'ambiguous' });
    expect(refused('%')).toMatchObject({ code: 'not_found' });
    expect(refused('')).toMatchObject({ code: 'not_found' });
  });

  it('is claimed once, and again when it was released', () => {
    const { id } = addRun(store);
    claimRun(store, id, process.pid);
    expect(runById(store, id)).toMatchObject({ state: 'preparing', pid: process.pid });
    expect(() => claimRun(store, id, process.pid)).toThrow(expect.objectContaining({ code: 'bad_state' }) as Error);
    new EntryWriter(store, id).write([
      { kind: 'run', state: 'running' },
      { kind: 'run', state: 'paused', release: true, ended: 'now' },
    ]);
    expect(runById(store, id)).toMatchObject({ state: 'paused', pid: null, ended: 'now' });
    claimRun(store, id, process.pid);
    expect(runById(store, id)).toMatchObject({ state: 'preparing', ended: null });
    setState(id, 'completed');
    expect(() => claimRun(store, id, process.pid)).toThrow(/can't be started/);
    expect(() => claimRun(store, 'nothing', 1)).toThrow(expect.objectContaining({ code: 'not_found' }) as Error);
  });

  it('is claimed by exactly one of several processes at the same moment', async () => {
    for (let round = 0; round < 3; round++) {
      const { id } = addRun(store);
      const env = { AT_MS: String(Date.now() + 700) };
      const answers = await Promise.all([1, 2, 3].map(() => startChild(built, ['claim', home, id], { env }).said));
      expect(answers.filter((answer) => answer === 'claimed')).toHaveLength(1);
      expect(answers.filter((answer) => (answer as { code?: string }).code === 'bad_state')).toHaveLength(2);
    }
  });

  it('answers a request at once; running does not overwrite it, and a stop overrides a pause', () => {
    const run = addRun(store);
    claimRun(store, run.id, process.pid);
    requestRun(store, run, 'pause');
    expect(runById(store, run.id)).toMatchObject({ state: 'pausing', request: 'pause' });
    new EntryWriter(store, run.id).write([{ kind: 'run', state: 'running' }]);
    expect(stateOf(run.id)).toBe('pausing');
    requestRun(store, run, 'stop');
    expect(runById(store, run.id)).toMatchObject({ state: 'stopping', request: 'stop' });
    expect(() => requestRun(store, run, 'pause')).toThrow(/can't be paused/);
    new EntryWriter(store, run.id).write([{ kind: 'run', state: 'stopped', release: true }]);
    expect(() => requestRun(store, run, 'stop')).toThrow(
      expect.objectContaining({ code: 'bad_state', next: expect.stringContaining('resume') as string }) as Error,
    );
  });

  it('keeps a request made before the trainer was there, and drops it with the claim of a resume', () => {
    const run = addRun(store);
    requestRun(store, run, 'stop');
    expect(runById(store, run.id)).toMatchObject({ state: 'queued', request: 'stop' });
    claimRun(store, run.id, process.pid);
    expect(runById(store, run.id)).toMatchObject({ state: 'preparing', request: 'stop' });
    setState(run.id, 'interrupted');
    claimRun(store, run.id, process.pid);
    expect(runById(store, run.id)?.request).toBeNull();
  });
});

describe('reconcile', () => {
  it('leaves a run alone while its trainer lives, and interrupts it when that was killed', async () => {
    const run = addRun(store);
    const child = startChild(built, ['hang', home, run.id]);
    expect(await child.said).toBe('claimed');
    expect(reconcileRuns(store)).toEqual([]);
    expect(stateOf(run.id)).toBe('preparing');
    child.process.kill('SIGKILL');
    await child.ended;
    expect(reconcileRuns(store)).toEqual([run.id]);
    expect(runById(store, run.id)).toMatchObject({ state: 'interrupted', pid: null, request: null });
    expect(eventsOf(store, run.id)).toMatchObject([{ kind: 'interrupted', step: 0 }]);
    expect(reconcileRuns(store)).toEqual([]);
  });

  it('is not deceived by another process with the same id', () => {
    const { id } = addRun(store);
    claimRun(store, id, process.pid);
    expect(reconcileRuns(store)).toEqual([]);
    const boot = processStart(process.pid)?.split(' ')[0];
    store.prepare('UPDATE runs SET pid_started = ? WHERE id = ?').run(`${boot} 1`, id);
    expect(reconcileRuns(store)).toEqual([id]);
  });

  it('touches no run that is not live', () => {
    const states = ['draft', 'queued', 'paused', 'completed', 'failed', 'stopped', 'interrupted'];
    const ids = states.map((state) => {
      const { id } = addRun(store);
      setState(id, state);
      return id;
    });
    expect(reconcileRuns(store)).toEqual([]);
    expect(ids.map(stateOf)).toEqual(states);
  });

  it('believes what the trainer last left in its spool file', () => {
    const { id } = addRun(store);
    claimRun(store, id, 999_999_999);
    spoolEntries(spoolPathOf(home, id), [{ kind: 'run', state: 'completed', step: 1000, release: true }]);
    expect(reconcileRuns(store)).toEqual([]);
    expect(runById(store, id)).toMatchObject({ state: 'completed', step: 1000 });
  });

  it('falls back to the heartbeat where a process has no known start', () => {
    const now = Date.now();
    const unknown = { started: null, namespace: null, host: null, heartbeatMs: now };
    expect(processAlive({ ...unknown, pid: process.pid }, now)).toBe(true);
    expect(processAlive({ ...unknown, pid: process.pid, heartbeatMs: now - LONGEST_SILENCE_MS - 1 }, now)).toBe(false);
    expect(processAlive({ ...unknown, pid: 999_999_999 }, now)).toBe(false);
    expect(processStart(999_999_999)).toBeNull();
  });
});
