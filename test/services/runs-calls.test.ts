/** The window's calls on runs, without training them. */
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RunSummary } from '../../src/shared/contract/runs';
import { runFolder } from '../../src/main/base/home';
import { processStart } from '../../src/main/store/process-identity';
import { EntryWriter } from '../../src/main/store/entries';
import { claimRun, findRun, requestRun, stopWaiting } from '../../src/main/store/runs';
import { addRun } from '../store/support';
import { quickest } from '../support/quickest';
import { temporary } from '../support/training';
import { openCore } from './core-support';

const { core, call, home } = openCore(temporary('runs-calls'));
const { store } = core.context;
afterAll(() => core.close());
// Nothing is trained here.
beforeAll(() => call('app.change', { queue_runs: false }));

let id: string;
beforeEach(() => {
  id = addRun(store, { name: 'one' }).id;
});

/** Marks a run as if this process trained it. */
function live(run: string, state = 'running'): void {
  store
    .prepare('UPDATE runs SET state = ?, pid = ?, pid_started = ?, heartbeat_ms = ? WHERE id = ?')
    .run(state, process.pid, processStart(process.pid), Date.now(), run);
}
const end = (run: string, state = 'completed'): unknown =>
  store.prepare('UPDATE runs SET state = ?, pid = NULL WHERE id = ?').run(state, run);
const row = (run: string): Record<string, unknown> =>
  store.prepare('SELECT * FROM runs WHERE id = ?').get(run) as Record<string, unknown>;
const listed = async (run: string): Promise<RunSummary> =>
  (await call('runs.list', {})).find((candidate) => candidate.id === run) as RunSummary;

describe('the list', () => {
  it('has what a row shows, newest first', async () => {
    const second = addRun(store, { name: 'two', seed: 4 }).id;
    const rows = await call('runs.list', {});
    expect(rows.map(({ created }) => created)).toEqual(
      rows
        .map(({ created }) => created)
        .toSorted()
        .reverse(),
    );
    expect(rows.find(({ id: run }) => run === second)).toMatchObject({
      ...{
        name: 'two',
        state: 'queued',
        model: 'resnet18',
        preset: 'efficienttrain++',
        size: 32,
        seed: 4,
        equivalent_epochs: 10,
      },
      ...{
        stages: [
          [16, 0, 0.5],
          [32, 0, 0.5],
        ],
        tags: [],
        archived: false,
        trashed: null,
        progress: null,
        dataset_name: null,
      },
    });
  });

  it('shows live progress of runs that train, and not what a killed one has left', async () => {
    const progress = {
      activity: 'training',
      stage: 0,
      bandwidth: 16,
      magnitude: 1,
      loss: 2.5,
      measured: null,
      throughput: 80,
    };
    new EntryWriter(store, id).write([
      { kind: 'run', step: 5, progress: { ...progress, stage_seconds_left: null, run_seconds_left: 60 } },
    ]);
    live(id);
    expect(await listed(id)).toMatchObject({ step: 5, progress: { ...progress, run_seconds_left: 60 } });
    end(id, 'interrupted');
    expect((await listed(id)).progress).toBeNull();
  });
});

describe('a run whose images are augmented with no magnitude', () => {
  it('is listed without one, with what its weights started from', async () => {
    const parent = addRun(store);
    const { id: child } = addRun(store, { data: { auto_augment: 'none' }, init: `run:${parent.id}@40` }, 1000, {
      ...{ run: parent.id, name: parent.name, step: 40, equivalent_epochs: 0.4 },
    });
    expect(await listed(child)).toMatchObject({
      stages: [
        [16, null, 0.5],
        [32, null, 0.5],
      ],
      ...{ init: `run:${parent.id}@40`, parent: { run: parent.id, step: 40 } },
    });
    expect(await listed(parent.id)).toMatchObject({ init: null, parent: null });
  });
});

describe('one run', () => {
  it('comes with configuration, origin, plan, stages and what it departs in', async () => {
    const details = await call('runs.get', { run: id });
    expect(details.summary.id).toBe(id);
    expect(details.config.schedule.stages).toHaveLength(2);
    expect(details.origin).toEqual({ model: 'flag' });
    expect(details.stages.map(({ bandwidth, steps }) => [bandwidth, steps])).toEqual([
      [16, 500],
      [32, 500],
    ]);
    expect(details.departures.map(([field]) => field)).toContain('schedule.stages');
    expect(details).toMatchObject({
      background: false,
      request: null,
      checkpoints: [],
      exports: [],
      series: [],
      notes: '',
    });
  });

  it('tells its events page by page', async () => {
    const writer = new EntryWriter(store, id);
    const event = (step: number) =>
      ({ kind: 'event', step, time: '2026-01-01T00:00:00Z', name: 'note', message: `at ${step}` }) as const;
    writer.write([event(1), event(2)]);
    const first = await call('runs.events', { run: id, since: 0 });
    expect(first.map(({ message }) => message)).toEqual(['at 1', 'at 2']);
    writer.write([event(3)]);
    expect((await call('runs.events', { run: id, since: first.at(-1)?.row ?? 0 })).map(({ step }) => step)).toEqual([
      3,
    ]);
  });
});

describe('pause and stop', () => {
  it('of a live run are stored at once, for a trainer of whatever host', async () => {
    // Nobody waits for the trainer, which takes a step and a checkpoint to answer: here there is none.
    const timed = (act: () => Promise<unknown>): Promise<number> =>
      quickest(async () => {
        live(id);
        await act();
      });
    const renamed = await timed(() => call('runs.rename', { run: id, name: `at ${performance.now()}` }));
    expect(await timed(() => call('runs.pause', { run: id }))).toBeLessThan(10 * renamed);
    expect(row(id)).toMatchObject({ state: 'pausing', request: 'pause' });
    await call('runs.stop', { run: id });
    expect(row(id)).toMatchObject({ state: 'stopping', request: 'stop' });
    end(id);
  });

  it('of a run that only waits take it out of the queue, and a later start is not paused by it', async () => {
    await call('runs.queue', { order: [id] });
    await call('runs.pause', { run: id });
    expect(row(id)).toMatchObject({ state: 'queued', request: null, queue_position: null });
    await call('runs.queue', { order: [id] });
    await call('runs.stop', { run: id });
    expect(row(id)).toMatchObject({ state: 'stopped', request: null, queue_position: null });
    expect(row(id)?.['ended']).toMatch(/^20/);
  });

  it('of a run that a trainer has claimed meanwhile are left to that trainer', () => {
    requestRun(store, findRun(store, id), 'stop');
    claimRun(store, id, process.pid);
    stopWaiting(store, id);
    expect(row(id)).toMatchObject({ state: 'preparing', request: 'stop' });
    end(id);
  });

  it('of a run that has ended are refused', async () => {
    end(id);
    await expect(call('runs.pause', { run: id })).rejects.toMatchObject({ code: 'bad_state' });
    await expect(call('runs.start', { run: id })).rejects.toMatchObject({ code: 'bad_state' });
  });
});

describe('names, notes, tags', () => {
  it('change alone, and nothing else', async () => {
    await call('runs.rename', { run: id, name: ' first try ' });
    await call('runs.annotate', { run: id, notes: 'lr too high' });
    await call('runs.annotate', { run: id, tags: ['baseline', 'paper', 'baseline'] });
    expect((await call('runs.get', { run: id })).notes).toBe('lr too high');
    expect(await listed(id)).toMatchObject({ name: 'first try', tags: ['baseline', 'paper'] });
    await call('runs.annotate', { run: id, notes: '', tags: [] });
    expect(row(id)).toMatchObject({ notes: '', tags: '[]', name: 'first try' });
  });

  it('of a run that is not there are refused', async () => {
    await expect(call('runs.rename', { run: 'none', name: 'x' })).rejects.toMatchObject({ code: 'not_found' });
    await expect(call('runs.annotate', { run: 'none', notes: 'x' })).rejects.toMatchObject({ code: 'not_found' });
    await expect(call('runs.background', { run: 'none', background: true })).rejects.toMatchObject({
      code: 'not_found',
    });
    await expect(call('runs.rename', { run: id, name: '   ' })).rejects.toMatchObject({ code: 'usage' });
  });
});

describe('archive and trash', () => {
  it('take runs and give them back', async () => {
    await call('runs.archive', { runs: [id], archived: true });
    expect((await listed(id)).archived).toBe(true);
    await call('runs.archive', { runs: [id], archived: false });
    await call('runs.trash', { runs: [id], trashed: true });
    expect((await listed(id)).trashed).toMatch(/^20/);
    await call('runs.trash', { runs: [id], trashed: false });
    expect(await listed(id)).toMatchObject({ archived: false, trashed: null });
  });

  it('refuse a run that trains, and then leave the others too', async () => {
    const busy = addRun(store).id;
    live(busy);
    await expect(call('runs.trash', { runs: [id, busy], trashed: true })).rejects.toMatchObject({ code: 'bad_state' });
    expect((await listed(id)).trashed).toBeNull();
    end(busy);
  });

  it('a run in the trash is never started by the queue', async () => {
    await call('runs.queue', { order: [id] });
    await call('runs.trash', { runs: [id], trashed: true });
    expect(row(id)['queue_position']).toBeNull();
  });
});

describe('removal for good', () => {
  const ofRun = (table: string): number =>
    store.prepare(`SELECT count(*) FROM ${table} WHERE run_id = ?`).pluck().get(id) as number;
  const points = (): number =>
    store.prepare('SELECT (SELECT count(*) FROM points) + (SELECT count(*) FROM rollups)').pluck().get() as number;

  it('takes rows and checkpoints of runs in the trash, and of no others', async () => {
    const before = points();
    const other = addRun(store).id;
    for (const run of [id, other]) {
      mkdirSync(join(runFolder(home, run), 'checkpoints', 'step_1'), { recursive: true });
      writeFileSync(join(runFolder(home, run), 'checkpoints', 'step_1', 'state'), 'x');
    }
    const entry = (step: number) =>
      ({ kind: 'points', step, values: { loss: 1, top1: 0 }, wallMs: step, equivalentEpochs: step }) as const;
    new EntryWriter(store, id).write(Array.from({ length: 30_000 }, (_, index) => entry(index)));
    new EntryWriter(store, id).write([{ kind: 'event', step: 1, time: '', name: 'x', message: '' }]);
    await expect(call('runs.purge', { runs: [id] })).rejects.toMatchObject({ code: 'bad_state' });
    expect([existsSync(runFolder(home, id)), ofRun('steps')]).toEqual([true, 30_000]);
    await call('runs.trash', { runs: [id], trashed: true });
    await call('runs.purge', { runs: [id] });
    expect(await listed(id)).toBeUndefined();
    expect(['steps', 'series', 'events'].map(ofRun)).toEqual([0, 0, 0]);
    expect(points()).toBe(before);
    expect([existsSync(runFolder(home, id)), existsSync(runFolder(home, other))]).toEqual([false, true]);
  });

  it('follows no link out of the data folder', async () => {
    const outside = temporary('outside');
    writeFileSync(join(outside, 'thesis.tex'), '');
    mkdirSync(join(home, 'runs'), { recursive: true });
    symlinkSync(outside, runFolder(home, id));
    await call('runs.trash', { runs: [id], trashed: true });
    await call('runs.purge', { runs: [id] });
    expect(existsSync(join(outside, 'thesis.tex'))).toBe(true);
    expect(existsSync(runFolder(home, id))).toBe(false);
  });
});

describe('the queue', () => {
  it('is put in order, the named ones first', async () => {
    const [second, third] = [addRun(store).id, addRun(store).id];
    await call('runs.queue', { order: [id, second, third] });
    await call('runs.queue', { order: [third, id] });
    const order = async (): Promise<string[]> =>
      (await call('runs.list', {}))
        .filter(({ queue_position }) => queue_position !== null)
        .sort((a, b) => (a.queue_position as number) - (b.queue_position as number))
        .map(({ id: run }) => run);
    expect(await order()).toEqual([third, id, second]);
    await call('runs.queue', { order: [], remove: [id] });
    expect(await order()).toEqual([third, second]);
    await expect(call('runs.queue', { order: [second, 'none'] })).rejects.toMatchObject({ code: 'not_found' });
    expect(await order()).toEqual([third, second]);
  });
});

describe('five thousand runs', () => {
  it('are listed in less than 100 ms', async () => {
    const columns = (store.pragma('table_info(runs)') as { name: string }[]).map(({ name }) => name);
    const values = columns.map((name) => (name === 'id' ? '@id' : name === 'created' ? '@created' : name));
    const copy = store.prepare(
      `INSERT INTO runs (${columns.join()}) SELECT ${values.join()} FROM runs WHERE id = '${id}'`,
    );
    store.transaction(() => {
      for (let n = 0; n < 5000; n++) copy.run({ id: `copy${n}`, created: new Date(2e12 - n * 1e7).toISOString() });
    })();
    // This thread's own time leaves out the machine's other work.
    const times: number[] = [];
    for (let turn = 0; turn < 5; turn++) {
      const began = process.threadCpuUsage();
      expect((await call('runs.list', {})).length).toBeGreaterThanOrEqual(5000);
      const { user, system } = process.threadCpuUsage(began);
      times.push((user + system) / 1000);
    }
    expect(times.sort((a, b) => a - b)[2]).toBeLessThan(100);
    store.prepare("DELETE FROM runs WHERE id LIKE 'copy%'").run();
  });
});
