import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { databasePath } from '../../../src/main/base/home';
import { newestVersion } from '../../../src/main/store/migrate';
import { openStore } from '../../../src/main/store/open';
import { storeError } from '../../../src/main/store/store-error';
import { EntryWriter } from '../../../src/main/store/entries';
import { buildProcesses, startChild, type Built } from '../../store/processes';
import { addRun, temporaryHome } from '../../store/support';
import { refusalOf } from '../../support/refusal';

/** Root may write everywhere, so a child process of another user has to be refused instead. */
const NOBODY = 65534;
const isRoot = process.getuid?.() === 0;
const othersMayRun = (file: string): boolean =>
  spawnSync(process.execPath, ['-e', `require('fs').accessSync(${JSON.stringify(file)})`], { uid: NOBODY }).status ===
  0;

describe('opening the database', () => {
  let built: Built;
  let home: string;
  let path: string;
  beforeAll(async () => {
    built = await buildProcesses();
  });
  beforeEach(() => {
    home = temporaryHome();
    path = databasePath(home);
    const store = openStore(path);
    const { id } = addRun(store);
    new EntryWriter(store, id).write(
      Array.from({ length: 5000 }, (_, index) => ({
        kind: 'points',
        step: index + 1,
        values: { loss: index },
        wallMs: index,
        equivalentEpochs: index,
      })),
    );
    store.close();
  });

  it('of a newer version is refused, and the file is not touched', () => {
    const store = openStore(path);
    store.pragma(`user_version = ${newestVersion() + 1}`);
    store.pragma('journal_mode = DELETE');
    store.close();
    const before = readFileSync(path);
    const error = refusalOf(() => openStore(path));
    expect(error).toMatchObject({
      code: 'store_newer',
      why: `Its version is ${newestVersion() + 1}; this program knows up to ${newestVersion()}.`,
    });
    expect(error.next).toContain('--home');
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(refusalOf(() => openStore(path, { readonly: true })).code).toBe('store_newer');
  });

  it('that another process has locked is waited for, then said to be locked; readers are not held up', async () => {
    const locker = startChild(built, ['lock', home]);
    expect(await locker.said).toBe('locked');
    const store = openStore(path, { busyTimeoutMs: 100 });
    expect(store.prepare('SELECT count(*) FROM runs').pluck().get()).toBe(1);
    const error = refusalOf(() => {
      try {
        addRun(store);
      } catch (caught) {
        throw storeError(caught, path);
      }
    });
    expect(error).toMatchObject({ code: 'store_locked' });
    expect(error.message).toContain(path);
    locker.process.kill('SIGKILL');
    await locker.ended;
    expect(addRun(store).state).toBe('queued');
    store.close();
  });

  it('locked while it has to be brought up to date', async () => {
    const fresh = temporaryHome();
    mkdirSync(dirname(databasePath(fresh)), { recursive: true });
    openStore(databasePath(fresh)).close();
    const store = openStore(databasePath(fresh));
    store.pragma('user_version = 0');
    store.exec('BEGIN IMMEDIATE');
    expect(refusalOf(() => openStore(databasePath(fresh), { busyTimeoutMs: 50 })).code).toBe('store_locked');
    store.close();
  });

  it('that is no database says so, and what to do', () => {
    writeFileSync(path, 'this is a text file, long enough to be taken for a header or not'.repeat(100));
    const error = refusalOf(() => openStore(path));
    expect(error.code).toBe('store_damaged');
    expect(error.next).toContain(`mv ${path} ${path}.damaged`);
    expect(error.why).toMatch(/not a database/);
    cpSync(path, `${path}.damaged`);
    expect(readFileSync(path, 'utf8')).toContain('this is a text file');
  });

  it('whose schema page was overwritten is damaged', () => {
    const handle = openSync(path, 'r+');
    writeSync(handle, Buffer.alloc(3000, 0xff), 0, 3000, 100);
    const error = refusalOf(() => openStore(path));
    expect(error.code).toBe('store_damaged');
    expect(error.why).toMatch(/SQLite says: .+ (Its check finds|It can't even be checked): /);
  });

  it('that was cut off is damaged at the latest when the lost part is read', () => {
    truncateSync(path, Math.floor(statSync(path).size / 2 / 4096) * 4096);
    const error = refusalOf(() => {
      const store = openStore(path);
      try {
        store.prepare('SELECT sum(value) FROM points').get();
      } catch (caught) {
        throw storeError(caught, path);
      } finally {
        store.close();
      }
    });
    expect(error.code).toBe('store_damaged');
  });

  it('in a folder that may not be written', async ({ skip }) => {
    if (isRoot && !othersMayRun(built.child)) skip('the tests run as root, in a folder that no other user may read');
    chmodSync(path, 0o444);
    chmodSync(home, 0o555);
    const answer = isRoot
      ? await startChild(built, ['open', home], { uid: NOBODY }).said
      : refusalOf(() => openStore(path)).data;
    expect(answer).toMatchObject({
      code: 'store_readonly',
      what: expect.stringContaining(path) as string,
      next: expect.stringContaining('--home') as string,
    });
    chmodSync(home, 0o755);
  });

  it('that may not be written, in a folder that may', async ({ skip }) => {
    if (isRoot && !othersMayRun(built.child)) skip('the tests run as root, in a folder that no other user may read');
    chmodSync(path, 0o444);
    chmodSync(home, 0o777);
    const answer = isRoot
      ? await startChild(built, ['open', home], { uid: NOBODY }).said
      : refusalOf(() => openStore(path)).data;
    expect(answer).toMatchObject({ code: 'store_readonly' });
  });

  it('in a folder that may not be made', async ({ skip }) => {
    if (isRoot && !othersMayRun(built.child)) skip('the tests run as root, in a folder that no other user may read');
    const locked = join(home, 'locked');
    mkdirSync(locked, { mode: 0o555 });
    const inside = join(locked, 'data');
    chmodSync(home, 0o755);
    const answer = isRoot
      ? await startChild(built, ['open', inside], { uid: NOBODY }).said
      : refusalOf(() => openStore(databasePath(inside))).data;
    expect(answer).toMatchObject({ code: 'store_readonly' });
  });

  it('where the data folder is a file', () => {
    const file = join(home, 'file');
    writeFileSync(file, 'x');
    expect(refusalOf(() => openStore(databasePath(file)))).toMatchObject({
      code: 'io',
      next: expect.stringContaining('is a folder') as string,
    });
  });

  it('on a full disk', () => {
    const store = openStore(path);
    const { id } = addRun(store);
    store.pragma(`max_page_count = ${store.pragma('page_count', { simple: true }) as number}`);
    const writer = new EntryWriter(store, id);
    const many = Array.from({ length: 20_000 }, (_, index) => ({
      kind: 'points' as const,
      step: index + 1,
      values: { loss: index },
      wallMs: index,
      equivalentEpochs: index,
    }));
    const error = refusalOf(() => {
      try {
        writer.write(many);
      } catch (caught) {
        throw storeError(caught, path);
      }
    });
    expect(error).toMatchObject({ code: 'disk_full', next: expect.stringContaining('Free some disk space') as string });
    expect(store.prepare('SELECT count(*) FROM series WHERE run_id = ?').pluck().get(id)).toBe(0);
    store.pragma('max_page_count = 1000000');
    writer.write(many);
    expect(
      store.prepare('SELECT count(*) FROM points JOIN series ON id = series_id WHERE run_id = ?').pluck().get(id),
    ).toBe(20_000);
    store.close();
  });

  it('for reading only changes nothing and makes nothing', () => {
    const store = openStore(path, { readonly: true });
    expect(store.prepare('SELECT count(*) FROM runs').pluck().get()).toBe(1);
    expect(() => addRun(store)).toThrow(/readonly/);
    store.close();
    const missing = databasePath(join(home, 'missing'));
    expect(refusalOf(() => openStore(missing, { readonly: true })).code).toBe('not_found');
    expect(existsSync(missing)).toBe(false);
    const writable = openStore(path);
    writable.pragma('user_version = 1');
    writable.close();
    expect(refusalOf(() => openStore(path, { readonly: true }))).toMatchObject({
      code: 'store_readonly',
      next: expect.stringContaining('efficienttrain runs') as string,
    });
  });

  it('an error that is not of the disk stays what it is', () => {
    const defect = new TypeError('x is not a function');
    expect(storeError(defect, path)).toBe(defect);
    expect(storeError('text', path)).toBe('text');
  });
});
