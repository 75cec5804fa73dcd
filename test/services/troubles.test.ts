/** A host whose own work fails: a locked or damaged database, a missing log. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { databasePath, runFolder } from '../../src/main/base/home';
import { openStore } from '../../src/main/store/open';
import { databaseError } from '../../src/main/store/store-error';
import { trainerLogTail } from '../../src/main/services/runs/trainer-process';
import { addRun } from '../store/support';
import { temporary } from '../support/training';
import { openCore, type Opened } from './core-support';

const { trainers } = vi.hoisted(() => ({
  trainers: [] as { id: string; end: () => void; fail: (error: Error) => void }[],
}));

vi.mock('../../src/main/services/runs/trainer-process', async (original) => ({
  ...(await original<object>()),
  startTrainer({ runId }: { runId: string }) {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    trainers.push({ id: runId, end: () => resolve({ code: 1, signal: null }), fail: reject });
    return { pid: process.pid, send: () => true, release: () => undefined, kill: () => undefined, ended: promise };
  },
}));

let opened: Opened;
let said: ReturnType<typeof vi.spyOn>;
beforeEach(() => {
  trainers.length = 0;
  said = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  opened = openCore();
});
afterEach(() => {
  opened.core.close();
  said.mockRestore();
});

const stateOf = (id: string): unknown =>
  opened.core.context.store.prepare('SELECT state FROM runs WHERE id = ?').pluck().get(id);
const errorOf = (id: string): { why: string } =>
  JSON.parse(String(opened.core.context.store.prepare('SELECT error FROM runs WHERE id = ?').pluck().get(id))) as {
    why: string;
  };
const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
const dead = "UPDATE runs SET state = 'running', pid = 4999999, pid_started = 'gone' WHERE id = ?";

describe('a database that another process holds', () => {
  it('is a trouble while it lasts, reported once; looks do not block the host, and reading continues', async () => {
    const { store, scheduler } = opened.core.context;
    const { id } = addRun(store);
    store.prepare(dead).run(id);
    const locker = openStore(databasePath(opened.home));
    locker.exec('BEGIN IMMEDIATE');
    const began = performance.now();
    for (let look = 0; look < 3; look++) scheduler.look();
    expect(performance.now() - began).toBeLessThan(3000);
    expect(await opened.call('app.troubles', {})).toMatchObject([{ error: { code: 'store_locked' } }]);
    expect(opened.topics.filter(({ topic }) => topic === 'troubles')).toHaveLength(1);
    expect(said).toHaveBeenCalledTimes(1);
    expect(await opened.call('runs.list', {})).toHaveLength(1);
    locker.exec('ROLLBACK');
    locker.close();
    scheduler.look();
    expect(await opened.call('app.troubles', {})).toEqual([]);
    expect(stateOf(id)).toBe('interrupted');
    expect(opened.topics.filter(({ topic }) => topic === 'troubles')).toHaveLength(2);
  });

  it('does not stop a start', () => {
    const { store } = opened.core.context;
    const { id } = addRun(store);
    store.prepare(dead).run(id);
    const locker = openStore(databasePath(opened.home));
    locker.exec('BEGIN IMMEDIATE');
    const second = openCore(opened.home);
    expect(second.core.context.troubles.list()).toMatchObject([{ error: { code: 'store_locked' } }]);
    locker.close();
    second.core.close();
  });

  it('is said to whoever calls, in three sentences', async () => {
    const { store } = opened.core.context;
    const { id } = addRun(store);
    const locker = openStore(databasePath(opened.home));
    locker.exec('BEGIN IMMEDIATE');
    store.pragma('busy_timeout = 50');
    await expect(opened.call('runs.rename', { run: id, name: 'other' })).rejects.toMatchObject({
      ...{ code: 'store_locked', why: expect.any(String) as string, next: expect.any(String) as string },
    });
    locker.close();
  });
});

it('damage of another file is not told of the database', () => {
  const path = databasePath(opened.home);
  const review = join(temporary('damaged-review'), 'review.db');
  writeFileSync(review, 'no database, and long enough to be taken for a header'.repeat(50));
  const thrown = (file: string): unknown => {
    const other = new Database(file);
    try {
      return other.prepare('SELECT * FROM sqlite_master').all();
    } catch (error) {
      return error;
    } finally {
      other.close();
    }
  };
  const error = thrown(review);
  expect(error).toMatchObject({ code: 'SQLITE_NOTADB' });
  expect(databaseError(error, path)).toBe(error);
  expect(databaseError(error, review)).toMatchObject({ code: 'store_damaged' });
});

describe('a trainer that ended before it claimed its run', () => {
  const start = async (): Promise<string> => {
    const { id } = addRun(opened.core.context.store);
    await opened.call('runs.start', { run: id });
    return id;
  };

  it('fails it without a log, without its folder', async () => {
    const id = await start();
    rmSync(runFolder(opened.home, id), { recursive: true, force: true });
    trainers[0]?.end();
    await settled();
    expect(stateOf(id)).toBe('failed');
    expect(errorOf(id).why).toBe('It left no message.');
  });

  it('fails it where the process could not be started', async () => {
    const id = await start();
    trainers[0]?.fail(new Error('spawn EAGAIN'));
    await settled();
    expect(stateOf(id)).toBe('failed');
  });

  it('while the database is locked: it is not started again, and fails once that is over', async () => {
    const id = await start();
    const { store, scheduler } = opened.core.context;
    store.prepare('UPDATE runs SET queue_position = 1 WHERE id = ?').run(id);
    const locker = openStore(databasePath(opened.home));
    locker.exec('BEGIN IMMEDIATE');
    trainers[0]?.end();
    await settled();
    scheduler.look();
    expect(trainers).toHaveLength(1);
    expect(stateOf(id)).toBe('queued');
    locker.close();
    scheduler.look();
    expect(stateOf(id)).toBe('failed');
    expect(trainers).toHaveLength(1);
  });
});

it('the last lines of a log that is not there are none', () => {
  expect(trainerLogTail(temporary('no-log'), 'none')).toBe('');
});
