import { classesEntry } from '../../support/classes-entry';
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { databasePath } from '../../../src/main/base/home';
import type { Entry } from '../../../src/main/store/entries';
import { lastEvaluation } from '../../../src/main/services/runs/class-accuracy';
import { eventsOf } from '../../../src/main/store/events';
import { pointsOf } from '../../../src/main/store/metrics';
import { summaryOf } from '../../../src/main/store/summary';
import { openStore, type Store } from '../../../src/main/store/open';
import { RunTaken, traceOf } from '../../../src/main/store/ownership';
import { Recorder } from '../../../src/main/store/recorder';
import { claimRun, requestRun, runById, type Run } from '../../../src/main/store/runs';
import { spoolEntries, spoolPathOf, takeSpooled } from '../../../src/main/store/spool';
import { WriterQueue } from '../../../src/main/store/writer-queue';
import { buildProcesses, startChild, type Built } from '../../store/processes';
import { addRun, pointsAt, temporaryHome } from '../../store/support';

const point = (step: number, value = step): Entry => pointsAt(step, { 'train/loss': value });
const event = (message: string, step = 1): Entry => ({ kind: 'event', step, time: '2026', name: 'note', message });

const untraceable = spawnSync('strace', ['-o', '/dev/null', 'true']).status !== 0;
if (untraceable) console.log('skipped: no process can be traced here (strace)');

let built: Built;
let home: string;
let path: string;
let store: Store;
let run: Run;
let spoolPath: string;
let recorder: Recorder;
beforeAll(async () => {
  built = await buildProcesses();
});
beforeEach(() => {
  home = temporaryHome();
  path = databasePath(home);
  store = openStore(path);
  run = addRun(store);
  spoolPath = spoolPathOf(home, run.id);
});

const steps = (): number[] => pointsOf(store, run.id, 'train/loss').map(({ step }) => step);
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

describe('recorder and its writer thread', () => {
  beforeEach(() => {
    claimRun(store, run.id, process.pid);
    recorder = new Recorder(built.worker, { path, runId: run.id, spoolPath });
  });
  afterEach(() => recorder.close());

  it('writes everything that was recorded, in order', async () => {
    for (const step of upTo(2500)) recorder.write(point(step, 1 / step));
    recorder.write(event('done'));
    recorder.write({
      kind: 'stage',
      stage: 0,
      stepsDone: 5,
      seconds: 1,
      computeSeconds: 0.5,
      loaderSeconds: 0.1,
      images: 40,
    });
    recorder.write(
      classesEntry(
        5,
        'ema',
        [
          { correct: 1, count: 2 },
          { correct: 3, count: 3 },
        ],
        [1, 1, 0, 3],
      ),
    );
    recorder.write({
      kind: 'run',
      state: 'running',
      step: 5,
      best: { metric: 'val/top1', value: 0.8, step: 5 },
      wallSeconds: 1.5,
      engine: { kind: 'x' },
    });
    expect(await recorder.flush()).toBe(true);
    expect(pointsOf(store, run.id, 'train/loss')).toEqual(upTo(2500).map((step) => ({ step, value: 1 / step })));
    expect(eventsOf(store, run.id)).toEqual([{ time: '2026', step: 1, kind: 'note', message: 'done', data: null }]);
    expect(lastEvaluation(store, run.id, 'ema')).toEqual({
      step: 5,
      weights: 'ema',
      perClass: [
        { correct: 1, count: 2 },
        { correct: 3, count: 3 },
      ],
      confusion: [
        [1, 1],
        [0, 3],
      ],
    });
    expect(runById(store, run.id)).toMatchObject({
      state: 'running',
      step: 5,
      best: { value: 0.8 },
      wall_seconds: 1.5,
      engine: { kind: 'x' },
    });
    await vi.waitFor(() => expect(recorder.health()).toEqual({ trouble: null, waiting: 0 }));
  });

  it('writes within a second without being asked to', async () => {
    recorder.write(point(1));
    await sleep(260);
    recorder.write(point(2));
    await vi.waitFor(() => expect(steps()).toEqual([1, 2]), 2000);
  });

  it('costs the training thread microseconds', () => {
    const began = performance.now();
    for (const step of upTo(10_000)) recorder.write(point(step));
    expect((performance.now() - began) / 10_000).toBeLessThan(0.2);
  });

  it('hears a request from another process, and shows a heartbeat', async () => {
    expect(recorder.requested()).toBeNull();
    requestRun(store, run, 'pause');
    await vi.waitFor(() => expect(recorder.requested()).toBe('pause'), 2000);
    requestRun(store, run, 'stop');
    await vi.waitFor(() => expect(recorder.requested()).toBe('stop'), 2000);
    const beat = (): unknown => store.prepare('SELECT heartbeat_ms FROM runs WHERE id = ?').pluck().get(run.id);
    const first = beat();
    await vi.waitFor(() => expect(beat()).not.toBe(first), 4000);
  });

  it('keeps everything while another process has the database locked, says so, and writes it afterwards', async () => {
    await recorder.flush();
    const locker = startChild(built, ['lock', home]);
    expect(await locker.said).toBe('locked');
    for (const step of upTo(500)) recorder.write(point(step));
    expect(await recorder.flush()).toBe(false);
    expect(recorder.trouble?.code).toBe('store_locked');
    expect(recorder.health().waiting).toBe(500);
    locker.process.kill('SIGKILL');
    await locker.ended;
    await vi.waitFor(() => expect(recorder.health()).toEqual({ trouble: null, waiting: 0 }), 5000);
    expect(steps()).toEqual(upTo(500));
  });

  it('leaves what it could not write in the spool file, and the next process takes it in', async () => {
    await recorder.flush();
    const locker = startChild(built, ['lock', home]);
    await locker.said;
    for (const step of upTo(50)) recorder.write(point(step));
    recorder.write({ kind: 'run', state: 'stopped', step: 50, release: true });
    expect(await recorder.close()).toBe(false);
    expect(existsSync(spoolPath)).toBe(true);
    locker.process.kill('SIGKILL');
    await locker.ended;
    expect(steps()).toEqual([]);
    expect(takeSpooled(store, run.id, spoolPath, true)).toBe(51);
    expect(steps()).toEqual(upTo(50));
    expect(runById(store, run.id)).toMatchObject({ state: 'stopped', step: 50, pid: null });
    expect(existsSync(spoolPath)).toBe(false);
  });

  it('continues with a new thread of the same run after an outage, in order', async () => {
    spoolEntries(spoolPath, [point(1, 10), point(2, 20)]);
    recorder.write(point(2, 21));
    recorder.write(point(3, 30));
    expect(await recorder.flush()).toBe(true);
    expect(pointsOf(store, run.id, 'train/loss')).toEqual([
      { step: 1, value: 10 },
      { step: 2, value: 21 },
      { step: 3, value: 30 },
    ]);
  });
});

describe('a run that another process has taken over', () => {
  it('is not written any more, and the training thread gets a message', async () => {
    const owner = claimRun(store, run.id, process.pid);
    recorder = new Recorder(built.worker, { path, runId: run.id, spoolPath, owner });
    recorder.write(point(1));
    expect(await recorder.flush()).toBe(true);
    expect(recorder.requested()).toBeNull();
    store.prepare("UPDATE runs SET pid_namespace = 'other', heartbeat_ms = 7 WHERE id = ?").run(run.id);
    recorder.write(point(2));
    recorder.write({ kind: 'run', state: 'failed', release: true });
    expect(await recorder.flush()).toBe(false);
    expect(() => recorder.requested()).toThrow(RunTaken);
    recorder.write(point(3));
    expect(await recorder.close()).toBe(false);
    expect(steps()).toEqual([1]);
    expect(existsSync(spoolPath)).toBe(false);
    expect(runById(store, run.id)).toMatchObject({ state: 'preparing', pid: process.pid });
    expect(traceOf(store, run.id)?.heartbeatMs).toBe(7);
  });

  it('is noticed within seconds by one that has nothing to write', async () => {
    const owner = claimRun(store, run.id, process.pid);
    recorder = new Recorder(built.worker, { path, runId: run.id, spoolPath, owner });
    expect(await recorder.flush()).toBe(true);
    store.prepare('UPDATE runs SET pid = 1 WHERE id = ?').run(run.id);
    await vi.waitFor(() => expect(() => recorder.requested()).toThrow(RunTaken), 5000);
    await recorder.close();
  });

  it('is not so once this one has let go of it', async () => {
    const owner = claimRun(store, run.id, process.pid);
    recorder = new Recorder(built.worker, { path, runId: run.id, spoolPath, owner });
    recorder.write({ kind: 'run', state: 'paused', release: true });
    expect(await recorder.close()).toBe(true);
    expect(runById(store, run.id)).toMatchObject({ state: 'paused', pid: null });
    expect(traceOf(store, run.id)).toBeNull();
  });
});

describe('a damaged database', () => {
  it('stops no training: what is recorded waits in the spool file until the database was put right', async () => {
    claimRun(store, run.id, process.pid);
    store.close();
    renameSync(path, `${path}.good`);
    writeFileSync(path, 'not a database at all, not even nearly'.repeat(300));
    recorder = new Recorder(built.worker, { path, runId: run.id, spoolPath });
    for (const step of upTo(20)) recorder.write(point(step));
    expect(await recorder.flush()).toBe(false);
    expect(recorder.trouble).toMatchObject({
      code: 'store_damaged',
      next: expect.stringContaining(`mv ${path}`) as string,
    });
    recorder.write(point(21));
    expect(await recorder.close()).toBe(false);
    expect(readFileSync(path, 'utf8').startsWith('not a database')).toBe(true);
    renameSync(`${path}.good`, path);
    store = openStore(path);
    expect(takeSpooled(store, run.id, spoolPath, true)).toBe(21);
    expect(steps()).toEqual(upTo(21));
  });

  it('that is put right under way is written again', async () => {
    claimRun(store, run.id, process.pid);
    store.close();
    renameSync(path, `${path}.good`);
    writeFileSync(path, 'not a database at all, not even nearly'.repeat(300));
    recorder = new Recorder(built.worker, { path, runId: run.id, spoolPath });
    recorder.write(point(1));
    expect(await recorder.flush()).toBe(false);
    renameSync(`${path}.good`, path);
    await vi.waitFor(() => expect(recorder.health()).toEqual({ trouble: null, waiting: 0 }), 5000);
    expect(await recorder.close()).toBe(true);
    store = openStore(path);
    expect(steps()).toEqual([1]);
  });
});

describe('a writer thread that dies', () => {
  it('loses nothing: the training thread continues, and the spool file has the rest', async () => {
    const broken = built.worker.replace('worker.js', 'broken.js');
    writeFileSync(
      broken,
      "import { parentPort } from 'node:worker_threads'; parentPort.on('message', () => { throw new Error('planted'); });",
    );
    recorder = new Recorder(broken, { path, runId: run.id, spoolPath });
    for (const step of upTo(10)) recorder.write(point(step));
    expect(await recorder.flush()).toBe(false);
    expect(recorder.trouble?.what).toBe('planted');
    recorder.write(point(11));
    expect(await recorder.flush()).toBe(false);
    expect(await recorder.close()).toBe(false);
    expect(takeSpooled(store, run.id, spoolPath)).toBe(11);
    expect(steps()).toEqual(upTo(11));
  });
});

describe('queue', () => {
  const fullAt = (pages: number): Store => {
    const opened = openStore(path);
    opened.pragma(`max_page_count = ${pages}`);
    return opened;
  };

  it('on a full disk keeps entries in memory, then in the file, and takes both in when there is room', () => {
    let pages = store.pragma('page_count', { simple: true }) as number;
    const queue = new WriterQueue({ path, runId: run.id, spoolPath, open: () => fullAt(pages), largest: 12_000 });
    queue.push(upTo(10_000).map((step) => point(step)));
    expect(queue.drain()).toBe(false);
    expect(queue.trouble?.code).toBe('disk_full');
    expect([queue.waiting, queue.stored, existsSync(spoolPath)]).toEqual([10_000, 0, false]);
    queue.push(upTo(5000).map((step) => point(10_000 + step)));
    expect(queue.drain()).toBe(false);
    expect([queue.waiting, queue.stored, existsSync(spoolPath)]).toEqual([0, 15_000, true]);
    queue.push([point(15_001)]);
    expect(queue.drain()).toBe(false);
    expect(queue.waiting).toBe(1);
    pages = 1_000_000;
    expect(queue.drain()).toBe(true);
    expect(queue.trouble).toBeNull();
    expect(steps()).toEqual(upTo(15_001));
    expect(summaryOf(store, run.id, 'train/loss')?.count).toBe(15_001);
    expect(existsSync(spoolPath)).toBe(false);
    expect(queue.close()).toBe(true);
  });

  it('keeps entries in memory where the spool file can be written neither', () => {
    const blocked = `${path}/inside/pending.ndjson`;
    const queue = new WriterQueue({ path, runId: run.id, spoolPath: blocked, open: () => fullAt(1), largest: 10 });
    queue.push(upTo(20_000).map((step) => point(step)));
    expect(queue.drain()).toBe(false);
    expect(queue.drain()).toBe(false);
    expect([queue.waiting, queue.stored]).toEqual([20_000, 0]);
    expect(queue.trouble?.code).toBe('io');
  });

  it('does not lose a request while the database is locked', async () => {
    const locker = startChild(built, ['lock', home]);
    await locker.said;
    const queue = new WriterQueue({
      path,
      runId: run.id,
      spoolPath,
      open: () => openStore(path, { busyTimeoutMs: 20 }),
    });
    expect(queue.request()).toBeNull();
    queue.heartbeat();
    expect(queue.trouble?.code).toBe('store_locked');
    expect(queue.request()).toBeNull();
    expect(queue.trouble).toBeNull();
    locker.process.kill('SIGKILL');
    await locker.ended;
    queue.close();
  });
});

describe('a flush', () => {
  it('syncs what it writes and what was written before, and only then', () => {
    const opened = openStore(path);
    const pragma = vi.spyOn(opened, 'pragma');
    const queue = new WriterQueue({ path, runId: run.id, spoolPath, open: () => opened });
    queue.push([point(1)]);
    expect(queue.drain()).toBe(true);
    expect(pragma).not.toHaveBeenCalled();
    expect(queue.flush()).toBe(true);
    expect(pragma.mock.calls).toEqual([['synchronous = FULL'], ['synchronous = NORMAL']]);
    expect(steps()).toEqual([1]);
    queue.close();
  });

  it.skipIf(untraceable)('asks the system to keep the log of the database', async () => {
    const trace = join(home, 'trace');
    const { stderr } = await promisify(execFile)('strace', [
      ...['-f', '-y', '-e', 'trace=fsync,fdatasync,write', '-e', 'signal=none', '-o', trace],
      ...[process.execPath, built.child, 'flush', home, run.id],
    ]);
    expect(stderr).toContain('drained');
    const lines = readFileSync(trace, 'utf8').split('\n');
    const drained = lines.findIndex((line) => line.includes('"drained'));
    const synced = lines.findIndex((line, index) => index > drained && /f(data)?sync\(.*studio\.db-wal/.test(line));
    expect(drained).toBeGreaterThan(0);
    expect(synced).toBeGreaterThan(drained);
  });
});
