import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { stageTimes } from '../../src/main/store/stages';
import { migrate, newestVersion, orderMigrations } from '../../src/main/store/migrate';
import { keepMeasurement, measurementsOn } from '../../src/main/store/model-measurements';
import { traceOf } from '../../src/main/store/ownership';

const fresh = (): Database.Database => {
  const store = new Database(':memory:');
  store.pragma('foreign_keys = ON');
  return store;
};
const tables = (store: Database.Database): string[] =>
  store.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").pluck().all() as string[];
const columns = (store: Database.Database, table: string): string[] =>
  store.prepare('SELECT name FROM pragma_table_info(?)').pluck().all(table) as string[];

describe('migrations', () => {
  it('1 makes datasets, samples and problems', () => {
    const store = fresh();
    migrate(store, 1);
    expect(store.pragma('user_version', { simple: true })).toBe(1);
    expect(tables(store)).toEqual(['datasets', 'problems', 'samples']);
    store.prepare("INSERT INTO datasets VALUES ('d', 'flowers', '/x', 'class_folders', '2026', '[]', '{}')").run();
    store.prepare("INSERT INTO problems VALUES ('d', 'empty', 'a.jpg', 'zero bytes', NULL, 1)").run();
    expect(() => store.prepare("INSERT INTO problems VALUES ('d', 'empty', 'a.jpg', 'again', NULL, 1)").run()).toThrow(
      /UNIQUE/,
    );
    store.prepare("DELETE FROM datasets WHERE id = 'd'").run();
    expect(store.prepare('SELECT count(*) FROM problems').pluck().get()).toBe(0);
  });

  it('2 adds runs and what belongs to them, and keeps the datasets', () => {
    const store = fresh();
    migrate(store, 1);
    store.prepare("INSERT INTO datasets VALUES ('d', 'flowers', '/x', 'class_folders', '2026', '[]', '{}')").run();
    migrate(store, 2);
    expect(tables(store)).toEqual([
      'checkpoints',
      'datasets',
      'evaluations',
      'events',
      'exports',
      'problems',
      'runs',
      'samples',
      'spools',
      'stages',
    ]);
    expect(store.prepare('SELECT name FROM datasets').pluck().get()).toBe('flowers');
    expect(columns(store, 'runs')).toEqual(
      expect.arrayContaining([
        'state',
        'request',
        'pid',
        'pid_started',
        'heartbeat_ms',
        'config',
        'origin',
        'plan',
        'best',
      ]),
    );
  });

  it('3 adds series, points, steps and rollups, which go with their run', () => {
    const store = fresh();
    migrate(store, 2);
    store
      .prepare(
        "INSERT INTO runs (id, name, state, dataset_id, model, config, origin, plan, created, steps) VALUES ('r', 'r', 'queued', 'd', 'm', '{}', '{}', '{}', '2026', 1)",
      )
      .run();
    migrate(store, 3);
    store.prepare("INSERT INTO series (id, run_id, name) VALUES (1, 'r', 'train/loss')").run();
    store.prepare('INSERT INTO points VALUES (1, 1, 0.5)').run();
    store.prepare('INSERT INTO rollups VALUES (1, 10, 0, 1, 0.5, 0.5, 0.5, 0.5)').run();
    store.prepare("INSERT INTO steps VALUES ('r', 1, 10, 0.1)").run();
    store.prepare("DELETE FROM runs WHERE id = 'r'").run();
    for (const table of ['series', 'points', 'rollups', 'steps'])
      expect(store.prepare(`SELECT count(*) FROM ${table}`).pluck().get()).toBe(0);
  });

  it('10 adds the last step of each stage to what lists show', () => {
    const store = fresh();
    migrate(store, 9);
    const plan = JSON.stringify({
      stages: [
        { first_step: 0, steps: 40 },
        { first_step: 40, steps: 60 },
      ],
    });
    store
      .prepare(
        `INSERT INTO runs (id, name, state, dataset_id, model, config, origin, plan, brief, created, steps)
          VALUES ('r', 'r', 'queued', 'd', 'm', '{}', '{}', ?, '{"seed":3}', '2026', 100)`,
      )
      .run(plan);
    migrate(store, 10);
    const brief = store.prepare('SELECT brief FROM runs').pluck().get() as string;
    expect(JSON.parse(brief)).toEqual({ seed: 3, stage_ends: [40, 100] });
  });

  it('11 adds where a trainer runs, which is not known of one that runs already', () => {
    const store = fresh();
    migrate(store, 10);
    store
      .prepare(
        `INSERT INTO runs (id, name, state, dataset_id, model, config, origin, plan, created, steps, pid, pid_started, heartbeat_ms)
          VALUES ('r', 'r', 'running', 'd', 'm', '{}', '{}', '{}', '2026', 1, 7, 'boot 12', 5)`,
      )
      .run();
    migrate(store, 11);
    expect(traceOf(store, 'r')).toEqual({ pid: 7, started: 'boot 12', namespace: null, host: null, heartbeatMs: 5 });
  });

  it('13 adds where the first weights come from, which runs of earlier versions took from no run', () => {
    const store = fresh();
    migrate(store, 12);
    store
      .prepare(
        `INSERT INTO runs (id, name, state, dataset_id, model, config, origin, plan, created, steps)
          VALUES ('r', 'r', 'queued', 'd', 'm', '{}', '{}', '{}', '2026', 1)`,
      )
      .run();
    migrate(store, 13);
    expect(store.prepare('SELECT parent_run, parent_step, parent_name, parent_epochs FROM runs').get()).toEqual({
      ...{ parent_run: null, parent_step: null, parent_name: null, parent_epochs: null },
    });
  });

  it('14 takes the magnitude out of what lists show where none is drawn, and adds what the weights started from', () => {
    const store = fresh();
    migrate(store, 13);
    const add = store.prepare(
      `INSERT INTO runs (id, name, state, dataset_id, model, config, origin, plan, brief, created, steps)
        VALUES (?, 'r', 'queued', 'd', 'm', ?, '{}', '{}', '{"seed":3,"stages":[[16,0,0.25],[32,9,0.75]]}', '2026', 100)`,
    );
    add.run('mae', JSON.stringify({ data: { auto_augment: 'none' }, init: null }));
    add.run('tuned', JSON.stringify({ data: { auto_augment: 'randaug' }, init: 'run:mae@40' }));
    migrate(store, 14);
    const briefs = store.prepare('SELECT brief FROM runs ORDER BY id').pluck().all() as string[];
    expect(briefs.map((brief) => JSON.parse(brief) as unknown)).toEqual([
      { seed: 3, stages: [[16, null, 0.25], [32, null, 0.75]] }, // prettier-ignore
      { seed: 3, stages: [[16, 0, 0.25], [32, 9, 0.75]], init: 'run:mae@40' }, // prettier-ignore
    ]);
  });

  it('15 adds searches and their trials, one for each schedule and seed, which go with their search', () => {
    const store = fresh();
    migrate(store, 15);
    store
      .prepare("INSERT INTO searches (id, name, state, spec, created) VALUES ('s', 's', 'queued', '{}', '2026')")
      .run();
    const add = store.prepare(
      "INSERT INTO search_trials (search_id, number, schedule, seed, state) VALUES ('s', ?, '[16]', 0, 'open')",
    );
    add.run(1);
    expect(() => add.run(2)).toThrow(/UNIQUE/);
    store.prepare("DELETE FROM searches WHERE id = 's'").run();
    expect(store.prepare('SELECT count(*) FROM search_trials').pluck().get()).toBe(0);
  });

  it('17 adds studies, with one run for each radius and seed and the figures of checkpoints, which go with them', () => {
    const store = fresh();
    migrate(store, 17);
    store.prepare("INSERT INTO studies (id, kind, spec, created) VALUES ('s', 'frequency', '{}', '2026')").run();
    const add = store.prepare("INSERT INTO study_runs (study_id, radius, seed, run_id) VALUES ('s', 0, 0, ?)");
    add.run('one');
    expect(() => add.run('other')).toThrow(/UNIQUE/);
    store.prepare("INSERT INTO study_checkpoints (study_id, step, figures) VALUES ('s', 1, '{}')").run();
    store.prepare("DELETE FROM studies WHERE id = 's'").run();
    for (const table of ['study_runs', 'study_checkpoints'])
      expect(store.prepare(`SELECT count(*) FROM ${table}`).pluck().get()).toBe(0);
  });

  it('16 adds how many images were made of files, which is all of them in rows of earlier versions', () => {
    const store = fresh();
    migrate(store, 15);
    store
      .prepare(
        `INSERT INTO runs (id, name, state, dataset_id, model, config, origin, plan, created, steps)
          VALUES ('r', 'r', 'queued', 'd', 'm', '{}', '{}', '{}', '2026', 1)`,
      )
      .run();
    store.prepare("INSERT INTO stages VALUES ('r', 0, 5, 1, 0.5, 0.1, 40)").run();
    migrate(store, 16);
    expect(stageTimes(store, 'r')).toMatchObject([{ images: 40, images_decoded: 40 }]);
  });

  it('18 adds what a step of a model takes on each machine', () => {
    const store = fresh();
    migrate(store, 18);
    const measurement = { model: 'm', size: 32, batch: 8, memory_bytes: 1e9, beside_training: false };
    const keep = (machine: string, images_per_second: number | null, measured = '2026'): void =>
      keepMeasurement(store, machine, { ...measurement, measured, images_per_second });
    keep('one', 10);
    keep('one', 20, '2027');
    keep('other', null);
    expect(measurementsOn(store, 'one')).toEqual([{ ...measurement, measured: '2027', images_per_second: 20 }]);
    expect(measurementsOn(store, 'other')).toMatchObject([{ images_per_second: null }]);
  });

  it('are applied once, whoever comes second', () => {
    const store = fresh();
    migrate(store);
    expect(() => migrate(store)).not.toThrow();
    expect(store.pragma('user_version', { simple: true })).toBe(newestVersion());
  });

  it('a broken one leaves the database as it was', () => {
    const store = fresh();
    migrate(store, 1);
    store.exec('CREATE TABLE stages (x)');
    expect(() => migrate(store)).toThrow(/stages already exists/);
    expect(store.pragma('user_version', { simple: true })).toBe(1);
    expect(tables(store)).not.toContain('runs');
  });

  it('a gap, a duplicate or a wrong file name throws at start', () => {
    const one = { migration: { version: 1, name: 'a', sql: '' } };
    const other = { migration: { version: 1, name: 'b', sql: '' } };
    const three = { migration: { version: 3, name: 'c', sql: '' } };
    expect(() => orderMigrations({ './m/001-a.ts': one, './m/003-c.ts': three })).toThrow(
      'migration c has version 3, 2 is next',
    );
    expect(() => orderMigrations({ './m/001-a.ts': one, './m/001-b.ts': other })).toThrow('has version 1, 2 is next');
    expect(() => orderMigrations({ './m/002-a.ts': one })).toThrow('should be named 001-a.ts');
    expect(orderMigrations({ './m/001-a.ts': one }).map(({ name }) => name)).toEqual(['a']);
  });
});
