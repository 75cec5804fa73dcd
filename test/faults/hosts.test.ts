/** Hosts that start and end, several at once, and the effect on the runs that they train, find and queue. */
import { readFileSync } from 'node:fs';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { locateEngine } from '../../src/main/engine/backend/locate';
import { newestCheckpoint } from '../../src/main/engine/train/checkpoint';
import { databasePath, runFolder } from '../../src/main/base/home';
import type { Dataset } from '../../src/main/store/datasets';
import { openStore } from '../../src/main/store/open';
import { processStart } from '../../src/main/store/process-identity';
import type { Run } from '../../src/main/store/runs';
import type { RunSummary } from '../../src/shared/contract/runs';
import { quickest } from '../support/quickest';
import { connect, startServe, type Client, type Served } from '../support/serve';
import { importFolder, look, newRun, smallSample, temporary } from '../support/training';

const WAIT = { timeout: 60_000, interval: 100 };
/** Epochs: more than any test waits for. */
const LONG = 4000;

interface Opened {
  served: Served;
  window: Client;
}

const home = temporary('hosts');
let dataset: Dataset;
let hosts: Opened[] = [];
let runs: string[] = [];

beforeAll(async () => {
  dataset = await importFolder(home, smallSample(temporary('hosts-data'), 12, ['zero', 'one']));
});

afterEach(async () => {
  const [open, used] = [hosts, runs];
  [hosts, runs] = [[], []];
  for (const { window, served } of open) {
    window.close();
    await served.close();
  }
  // A trainer that a failed test has left must not continue during the next test.
  for (const { pid } of used.map(stateOf)) if (pid !== null && processStart(pid) !== null) process.kill(pid, 'SIGKILL');
});

async function open(): Promise<Opened> {
  const served = await startServe(home);
  const window = await connect(served, { hello: { type: 'hello', token: served.token } });
  const opened = { served, window };
  hosts.push(opened);
  return opened;
}

function create(epochs = LONG, set: string[] = []): Run {
  const run = newRun(home, dataset, { epochs, set });
  runs.push(run.id);
  return run;
}

const stateOf = (id: string): Run => look(home, id).run;
const listed = async ({ window }: Opened, id: string): Promise<RunSummary | undefined> =>
  (await window.call('runs.list', {})).find((run) => run.id === id);
const savedStep = async (id: string): Promise<number | undefined> =>
  (await newestCheckpoint(runFolder(home, id))).checkpoint?.info.step;

async function training(host: Opened): Promise<Run> {
  const run = create();
  await host.window.call('runs.start', { run: run.id });
  await expect.poll(() => stateOf(run.id).step, WAIT).toBeGreaterThan(3);
  return run;
}

/** Returns the process that started this one. */
const parentOf = (pid: number): number =>
  Number(
    readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ')[1],
  );

async function vanish({ served }: Opened): Promise<void> {
  served.child.kill('SIGKILL');
  await served.ended;
}

function eventsOf(id: string): string[] {
  const store = openStore(databasePath(home));
  const kinds = store.prepare('SELECT kind FROM events WHERE run_id = ? ORDER BY rowid').pluck().all(id) as string[];
  store.close();
  return kinds;
}

describe.skipIf(locateEngine().kind === 'tfjs-cpu')('a host', () => {
  it('that is killed: the trainer saves and ends, the next host shows it as interrupted and resumes it', async () => {
    const host = await open();
    const { id } = await training(host);
    await vanish(host);
    await expect.poll(() => stateOf(id).state, WAIT).toBe('interrupted');
    const { step } = stateOf(id);
    expect(await savedStep(id)).toBe(step);
    const next = await open();
    expect(await listed(next, id)).toMatchObject({ state: 'interrupted', step, progress: null });
    await next.window.call('runs.start', { run: id });
    await expect.poll(() => stateOf(id).step, WAIT).toBeGreaterThan(step);
    const listing = await quickest(() => next.window.call('runs.list', {}), 3);
    const stopping = await quickest(() => next.window.call('runs.stop', { run: id }), 1);
    // It is stored, and the trainer's last step and checkpoint are not waited for.
    expect(stopping).toBeLessThan(500 + 20 * listing);
    await expect.poll(() => stateOf(id).state, WAIT).toBe('stopped');
    expect(eventsOf(id)).toEqual(expect.arrayContaining(['started', 'interrupted', 'started', 'stopped']));
  });

  it('that is killed while the run may continue: it trains on, and the next host shows it live and can pause it', async () => {
    const host = await open();
    const { id } = await training(host);
    await host.window.call('runs.background', { run: id, background: true });
    const { pid } = stateOf(id);
    await vanish(host);
    const { step } = stateOf(id);
    await expect.poll(() => stateOf(id).step, WAIT).toBeGreaterThan(step + 5);
    const next = await open();
    await expect.poll(async () => (await listed(next, id))?.progress?.activity, WAIT).toBe('training');
    expect(stateOf(id)).toMatchObject({ state: 'running', pid });
    // This host did not start the run, so it can reach the trainer only through the database.
    await expect.poll(() => next.window.topics.some(({ topic }) => topic === 'store'), WAIT).toBe(true);
    await next.window.call('runs.pause', { run: id });
    await expect.poll(() => stateOf(id).state, WAIT).toBe('paused');
    expect(await savedStep(id)).toBe(stateOf(id).step);
    // The choice applies to one life; the next one asks again.
    expect(stateOf(id).background).toBe(false);
  });

  it('that is ended by Ctrl-C says what it waits for, and leaves runs that can be resumed', async () => {
    const host = await open();
    const { id } = await training(host);
    host.served.child.kill('SIGINT');
    expect(await host.served.ended).toBe(0);
    expect(host.served.printed()).toContain('1 run saves a checkpoint');
    expect(stateOf(id)).toMatchObject({ state: 'interrupted', pid: null });
    expect(await savedStep(id)).toBe(stateOf(id).step);
  });

  it('that is ended with training in the background lets it train on', async () => {
    const host = await open();
    const { id } = await training(host);
    await host.window.call('app.quit', { how: 'background' });
    expect(await host.served.ended).toBe(0);
    expect(host.served.printed()).toContain('in the background');
    const { step } = stateOf(id);
    await expect.poll(() => stateOf(id).step, WAIT).toBeGreaterThan(step);
    expect(stateOf(id).state).toBe('running');
  });

  it('whose trainer is killed shows the run as interrupted within seconds, and resumes it', async () => {
    const host = await open();
    const { id } = await training(host);
    process.kill(stateOf(id).pid as number, 'SIGKILL');
    await expect
      .poll(async () => (await listed(host, id))?.state, { timeout: 10_000, interval: 100 })
      .toBe('interrupted');
    await host.window.call('runs.start', { run: id });
    await expect.poll(() => stateOf(id).state, WAIT).toBe('running');
  });
});

describe.skipIf(locateEngine().kind === 'tfjs-cpu')('two hosts on one data folder', () => {
  it('never start the same run twice', async () => {
    const [one, two] = [await open(), await open()];
    const { id } = create();
    await Promise.all([one, two].map(({ window }) => window.call('runs.start', { run: id })));
    await expect.poll(() => stateOf(id).step, WAIT).toBeGreaterThan(10);
    expect(eventsOf(id).filter((kind) => kind === 'started')).toHaveLength(1);
    // The host whose trainer was second has not damaged the run.
    expect(await listed(one, id)).toMatchObject({ state: 'running', error: null });
    expect(await listed(two, id)).toMatchObject({ state: 'running', error: null });
    // The other host's runs do not end with the host that didn't start them.
    const parent = parentOf(stateOf(id).pid as number);
    const owners = [one, two].filter(({ served }) => served.child.pid === parent);
    expect(owners).toHaveLength(1);
    const other = owners[0] === one ? two : one;
    await vanish(other);
    const { step } = stateOf(id);
    await expect.poll(() => stateOf(id).step, WAIT).toBeGreaterThan(step);
  });

  it('work off one queue: each run once, one after the other, and a paused one is waited for', async () => {
    const [one, two] = [await open(), await open()];
    const [first, second] = [create(12), create(12)];
    const seen: string[][] = [];
    const timer = setInterval(
      () =>
        seen.push(
          [first, second].filter(({ id }) => ['preparing', 'running'].includes(stateOf(id).state)).map(({ id }) => id),
        ),
      50,
    );
    await one.window.call('runs.queue', { order: [first.id, second.id] });
    await expect
      .poll(() => [first, second].map(({ id }) => stateOf(id).state), WAIT)
      .toEqual(['completed', 'completed']);
    clearInterval(timer);
    expect(seen.filter((live) => live.length > 1)).toEqual([]);
    for (const { id } of [first, second]) expect(eventsOf(id).filter((kind) => kind === 'started')).toHaveLength(1);

    const [held, waiting] = [create(), create(12)];
    await two.window.call('runs.queue', { order: [held.id, waiting.id] });
    await expect.poll(() => stateOf(held.id).state, WAIT).toBe('running');
    await one.window.call('runs.pause', { run: held.id });
    await expect.poll(() => stateOf(held.id).state, WAIT).toBe('paused');
    await new Promise((resolve) => setTimeout(resolve, 5000));
    expect(stateOf(waiting.id).state).toBe('queued');
    await one.window.call('runs.queue', { order: [], remove: [held.id] });
    await expect.poll(() => stateOf(waiting.id).state, WAIT).toBe('completed');
  }, 240_000);
});
