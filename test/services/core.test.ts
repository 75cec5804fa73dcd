/** The core that every shell runs: validation of calls, settings, topics, paths. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { settingsSchema } from '../../src/shared/contract/app';
import { CALLS } from '../../src/shared/contract';
import { databasePath } from '../../src/main/base/home';
import { openStore } from '../../src/main/store/open';
import { addRun } from '../store/support';
import { quickest } from '../support/quickest';
import { temporary } from '../support/training';
import { openCore } from './core-support';

const opened = openCore(temporary('core'), {
  pick: ({ what }) => Promise.resolve(what === 'file' ? null : temporary('picked')),
});
const { core, call, home, topics, asked } = opened;
afterAll(() => core.close());

describe('calls', () => {
  it('that do not exist, or with wrong arguments, are refused in three sentences', async () => {
    expect(await core.call('runs.explode', {})).toMatchObject({
      ok: false,
      error: { code: 'usage', what: expect.stringContaining('runs.explode') as string },
    });
    // Properties that every object has are not calls.
    expect(await core.call('constructor', {})).toMatchObject({ ok: false, error: { code: 'usage' } });
    for (const args of [undefined, null, 'x', {}, { run: '' }, { run: 'x', more: 1 }])
      expect(await core.call('runs.get', args)).toMatchObject({
        ok: false,
        error: { code: 'usage', next: expect.any(String) as string },
      });
  });

  it('answer every failure as data', async () => {
    expect(await core.call('runs.get', { run: 'none' })).toEqual({
      ok: false,
      error: {
        code: 'not_found',
        what: expect.any(String) as string,
        why: expect.any(String) as string,
        next: expect.any(String) as string,
        action: { id: 'choose_run' },
      },
    });
  });

  it('without arguments answer on an empty data folder', async () => {
    expect(await call('app.info', {})).toMatchObject({
      host: 'desktop',
      native: true,
      home,
      version: expect.stringMatching(/^\d/) as string,
    });
    for (const name of ['runs.list', 'jobs.list', 'drafts.list', 'datasets.list'] as const)
      expect(await call(name, {})).toEqual([]);
  });
});

describe('settings', () => {
  it('change one by one, and the others stay', async () => {
    expect(await call('app.settings', {})).toEqual(settingsSchema.parse({}));
    await call('app.change', { theme: 'dark', workers: 7 });
    await call('app.change', { language: 'zh', layout: { runs: { columns: ['name'] } } });
    expect(await call('app.settings', {})).toEqual({
      ...settingsSchema.parse({}),
      ...{ theme: 'dark', workers: 7, language: 'zh', layout: { runs: { columns: ['name'] } } },
    });
    expect(topics.filter(({ topic }) => topic === 'settings').map(({ data }) => data)).toEqual([
      { cursor: 1 },
      { cursor: 2 },
    ]);
  });

  it('out of range are refused and change nothing', async () => {
    await expect(call('app.change', { workers: 0 })).rejects.toMatchObject({ code: 'usage' });
    await expect(call('app.change', { colour: 'red' } as never)).rejects.toMatchObject({ code: 'usage' });
    expect((await call('app.settings', {})).workers).toBe(7);
  });

  it('of a newer version fall back one by one', async () => {
    core.context.store
      .prepare("INSERT OR REPLACE INTO settings (key, value) VALUES ('theme', '\"sepia\"'), ('novel', '1')")
      .run();
    expect(await call('app.settings', {})).toMatchObject({ theme: 'system', workers: 7 });
  });
});

describe('topics', () => {
  it('tell that any process has written', async () => {
    const seen = (): number => topics.filter(({ topic }) => topic === 'store').length;
    const before = seen();
    const other = openStore(databasePath(home));
    addRun(other);
    other.close();
    await expect.poll(seen).toBeGreaterThan(before);
    const settled = seen();
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(seen()).toBe(settled);
  });
});

describe('paths', () => {
  it('that were picked are granted; a dialog that was left grants nothing', async () => {
    expect(await call('files.pick', { what: 'file', title: 'Weights' })).toBeNull();
    const picked = await call('files.pick', { what: 'folder', title: 'Photographs' });
    const path = picked?.path ?? '';
    writeFileSync(join(path, 'a.txt'), '');
    await call('app.reveal', { path: join(path, 'a.txt') });
    expect(asked).toContainEqual({ reveal: join(path, 'a.txt') });
  });

  it('below the data folder are granted, others refused, whatever they look like', async () => {
    mkdirSync(join(home, 'runs'), { recursive: true });
    await call('app.reveal', { path: join(home, 'runs') });
    for (const path of ['/etc/passwd', `${home}/../other`, `${home}x`, join(home, 'runs', '..', '..')])
      await expect(call('app.reveal', { path })).rejects.toThrow('was not picked');
  });

  it('are not browsed where the system has dialogs', async () => {
    await expect(call('files.browse', { path: null })).rejects.toMatchObject({ code: 'usage' });
    await expect(call('files.choose', { path: '/etc' })).rejects.toMatchObject({ code: 'usage' });
  });
});

describe('the machine', () => {
  it('is reported at once: no program is started for it', async () => {
    const status = await call('machine.status', {});
    const started = await quickest(() => spawnSync(process.execPath, ['--version']), 3);
    expect(await quickest(() => call('machine.status', {}))).toBeLessThan(started / 2);
    expect(status.cores).toBeGreaterThan(0);
    expect(status.memory_total).toBeGreaterThan(2 ** 28);
    expect(status.free_disk).toBeGreaterThan(0);
    expect(status.trainer_bytes).toBe(0);
  });

  it('counts the memory of trainers that are there', async () => {
    const run = addRun(core.context.store);
    core.context.store.prepare("UPDATE runs SET state = 'running', pid = ? WHERE id = ?").run(process.pid, run.id);
    const { trainer_bytes } = await call('machine.status', {});
    core.context.store.prepare("UPDATE runs SET state = 'stopped', pid = NULL WHERE id = ?").run(run.id);
    if (process.platform === 'linux') expect(trainer_bytes).toBeGreaterThan(30e6);
  });
});

describe('published results', () => {
  it('are rows with a source, each once, accuracies as fractions', async () => {
    const rows = await call('compare.published', {});
    expect(rows.length).toBeGreaterThan(120);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
    for (const { id, top1, paper, epochs, measures } of rows) {
      if (top1 === null) expect(Object.keys(measures).length, id).toBeGreaterThan(0);
      else expect(Math.abs(top1 - 0.8), id).toBeLessThan(0.12);
      expect(paper).toMatch(/arXiv/);
      expect(epochs ?? 1).toBeGreaterThan(0);
    }
    expect(rows.find(({ model, epochs }) => model === 'DeiT-S' && epochs === 200)).toMatchObject({
      top1: 0.81,
      speedup: 1.6,
    });
  });
});

it('every call of the contract says what it takes and gives', () => {
  for (const { args, result } of Object.values(CALLS)) {
    expect(args.safeParse).toBeTypeOf('function');
    expect(result.safeParse).toBeTypeOf('function');
  }
});
