/** A host on a disk that is completely full: a small file system of its own, which needs root and mount. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, openSync, closeSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { databasePath } from '../../src/main/base/home';
import { openStore } from '../../src/main/store/open';
import { claimRun } from '../../src/main/store/runs';
import { efficienttrain } from '../support/cli';
import { connect, startServe, type Served } from '../support/serve';
import { temporary } from '../support/training';
import { addRun } from '../store/support';

const disk = join(temporary('full-disk-host'), 'disk');
mkdirSync(disk);
const mounted =
  process.platform === 'linux' && spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', disk]).status === 0;
if (!mounted) console.log('skipped: no file system can be mounted here');
afterAll(() => void (mounted && spawnSync('umount', ['-l', disk])));

/** No process has this id: Linux gives none above 4,194,304. */
const NOBODY = 4_999_999;
const filler = join(disk, 'filler');

function fillDisk(): void {
  const file = openSync(filler, 'w');
  for (let bytes = 1 << 20; bytes >= 1;) {
    try {
      writeSync(file, Buffer.alloc(bytes));
    } catch {
      bytes >>= 1;
    }
  }
  closeSync(file);
}

/** Makes a run whose trainer died. */
function orphan(home: string): string {
  const store = openStore(databasePath(home));
  const { id } = addRun(store);
  store
    .prepare("UPDATE runs SET state = 'running', pid = ?, pid_started = 'gone', heartbeat_ms = 0 WHERE id = ?")
    .run(NOBODY, id);
  store.close();
  return id;
}

describe.skipIf(!mounted)('on a full disk with a run whose trainer is dead', () => {
  let home: string;
  let served: Served | null = null;
  let count = 0;
  beforeEach(() => {
    home = join(disk, `home-${++count}`);
    mkdirSync(home);
  });
  afterEach(async () => {
    rmSync(filler, { force: true });
    await served?.close();
    served = null;
    rmSync(home, { recursive: true });
  });
  const open = async (): Promise<Awaited<ReturnType<typeof connect>>> => {
    served = await startServe(home);
    return connect(served, { hello: { type: 'hello', token: served.token } });
  };

  it('a host continues, reports once what it can not do, and does it when there is room', async () => {
    const trainer = spawn('sleep', ['600']);
    const store = openStore(databasePath(home));
    const { id } = addRun(store);
    claimRun(store, id, trainer.pid as number);
    const window = await open();
    // While somebody reads, the log of changes can only grow.
    const reader = openStore(databasePath(home));
    reader.exec('BEGIN');
    reader.prepare('SELECT count(*) FROM runs').get();
    fillDisk();
    trainer.kill('SIGKILL');
    await expect.poll(() => window.call('app.troubles', {})).toMatchObject([{ error: { code: 'disk_full' } }]);
    const [trouble] = await window.call('app.troubles', {});
    expect(trouble?.error.what).toContain("The data folder can't be written");
    expect(window.topics.some(({ topic }) => topic === 'troubles')).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 5000));
    expect(served?.child.exitCode).toBeNull();
    expect(served?.printed().split("The data folder can't be written").length).toBe(2);
    expect((await window.call('runs.list', {})).map((run) => run.state)).toEqual(['preparing']);
    rmSync(filler);
    reader.exec('COMMIT');
    reader.close();
    await expect.poll(() => window.call('app.troubles', {}), { timeout: 20_000 }).toEqual([]);
    expect((await window.call('runs.list', {}))[0]?.state).toBe('interrupted');
    store.close();
    window.close();
  });

  it('a host starts, shows its runs, and settles them when there is room', async () => {
    const id = orphan(home);
    fillDisk();
    const window = await open();
    const list = await window.call('runs.list', {});
    expect(list.map((run) => run.id)).toEqual([id]);
    // A request that needs space is answered with an error of three sentences.
    const changed = window.call('runs.rename', { run: id, name: 'x'.repeat(150) });
    await changed.catch((error: { code: string }) => expect(error.code).toBe('disk_full'));
    rmSync(filler);
    await expect
      .poll(async () => (await window.call('runs.list', {}))[0]?.state, { timeout: 20_000 })
      .toBe('interrupted');
    window.close();
  });

  it('`runs` lists them, before a host starts and beside one', async () => {
    const id = orphan(home);
    fillDisk();
    const alone = await efficienttrain(['runs', '--json'], { home });
    expect(alone).toMatchObject({ code: 0, stdout: expect.stringContaining(id) as string });
    const window = await open();
    expect(await efficienttrain(['runs', '--json'], { home })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(id) as string,
    });
    for (const command of [['show', id], ['metrics', id], ['datasets']])
      expect(await efficienttrain([...command, '--json'], { home }), command[0]).toMatchObject({ code: 0 });
    window.close();
  });

  it('a home without its reserve: reading works, a start says what is missing', async () => {
    const id = orphan(home);
    rmSync(join(home, 'reserve'));
    fillDisk();
    const { code, stdout, stderr } = await efficienttrain(['runs', '--json'], { home });
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining(id) as string });
    expect(stderr).toContain('no space left');
    await expect(startServe(home)).rejects.toThrow(/no space left/);
  });
});
