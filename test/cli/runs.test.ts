import { classesEntry } from '../support/classes-entry';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Command, CommandCall, CommandResult } from '../../src/main/cli/command';
import { command as compare } from '../../src/main/cli/commands/compare';
import { command as metrics } from '../../src/main/cli/commands/metrics';
import { command as pause } from '../../src/main/cli/commands/pause';
import { command as runs } from '../../src/main/cli/commands/runs';
import { command as show } from '../../src/main/cli/commands/show';
import { command as stop } from '../../src/main/cli/commands/stop';
import { databasePath } from '../../src/main/base/home';
import { EntryWriter, type Entry } from '../../src/main/store/entries';
import { openStore, type Store } from '../../src/main/store/open';
import { enqueueRun } from '../../src/main/store/run-marks';
import { claimRun, runById, type Run } from '../../src/main/store/runs';
import { buildProcesses, startChild, type Built } from '../store/processes';
import { addRun, temporaryHome } from '../store/support';

let home: string;
let store: Store;
let first: Run;
let second: Run;
let lines: string[];

const call = (
  command: Command,
  positionals: string[],
  values: CommandCall['values'] = {},
  changes: Partial<CommandCall> = {},
): Promise<CommandResult> =>
  command.run({
    positionals,
    values,
    home,
    json: false,
    interactive: false,
    signal: new AbortController().signal,
    force: new AbortController().signal,
    log: (line) => lines.push(line),
    progress: () => undefined,
    ...changes,
  });

/**
 * Records a trained run of `steps` steps: the accuracy rises to `top` at half the steps, and a step takes `seconds`.
 */
function train(run: Run, { steps, top, seconds }: { steps: number; top: number; seconds: number }): void {
  const entries = Array.from({ length: steps }, (_, index): Entry => {
    const step = index + 1;
    const values = {
      'train/loss': 2 - step / steps,
      lr: 1e-3,
      ...(step % 10 === 0 ? { 'val/top1': Math.min(top, (2 * top * step) / steps) } : {}),
    };
    return { kind: 'points', step, values, wallMs: step * seconds * 1000, equivalentEpochs: (step * 10) / steps };
  });
  new EntryWriter(store, run.id).write([
    ...entries,
    {
      kind: 'stage',
      stage: 0,
      stepsDone: steps,
      seconds: steps * seconds,
      computeSeconds: 1,
      loaderSeconds: steps * seconds * 0.25,
      images: steps * 8,
    },
    { kind: 'checkpoint', step: steps, folder: `step_${steps}`, sha256: 'x', bytes: 2e6, created: '2026', removed: [] },
    classesEntry(
      steps,
      'raw',
      [
        { correct: 1, count: 4 },
        { correct: 4, count: 4 },
      ],
      [1, 3, 0, 4],
    ),
    { kind: 'event', step: 0, time: '2026-01-02T03:04:05.000Z', name: 'started', message: 'Started.' },
    {
      kind: 'run',
      state: 'completed',
      step: steps,
      best: { metric: 'val/top1', value: top, step: steps / 2 },
      wallSeconds: steps * seconds,
    },
  ]);
}

beforeEach(() => {
  lines = [];
  home = temporaryHome();
  store = openStore(databasePath(home));
  first = addRun(store, { name: 'baseline', seed: 1 }, 100);
  second = addRun(store, { name: 'curriculum', seed: 1, optimizer: { base_lr: 1e-3 } }, 100);
  train(first, { steps: 100, top: 0.8, seconds: 0.2 });
  train(second, { steps: 100, top: 0.9, seconds: 0.1 });
});

describe('runs', () => {
  it('lists newest first, with filters', async () => {
    store.prepare("UPDATE runs SET created = '2020' WHERE id = ?").run(first.id);
    const { json, text } = await call(runs, []);
    expect(json).toMatchObject({
      runs: [
        { id: second.id, name: 'curriculum', state: 'completed', step: 100, steps: 100, best: { value: 0.9 } },
        { id: first.id },
      ],
    });
    expect(text).toMatch(/curriculum +completed +100\/100 +val 90\.0 % +resnet18/);
    expect((await call(runs, [], { state: 'running' })).json).toEqual({ runs: [] });
    expect((await call(runs, [], { model: 'resnet50' })).text).toContain('No such runs');
    expect((await call(runs, [], { state: 'completed', model: 'resnet18' })).json).toMatchObject({ runs: [{}, {}] });
    await expect(call(runs, [], { state: 'sleeping' })).rejects.toMatchObject({ code: 'usage' });
    await expect(call(runs, [], { dataset: 'nothing' })).rejects.toMatchObject({ code: 'not_found' });
    await expect(call(runs, ['extra'])).rejects.toMatchObject({ code: 'usage' });
  });

  it('tells a run that waits in the queue from one that is in none', async () => {
    const [queued, loose] = [addRun(store, { name: 'waits' }), addRun(store, { name: 'loose' })];
    enqueueRun(store, queued.id);
    const { text } = await call(runs, []);
    expect(text).toMatch(/waits +queued +0\//);
    expect(text).toMatch(/loose +not_started +0\//);
    expect((await call(runs, [], { state: 'queued' })).json).toMatchObject({
      runs: [{ id: queued.id, queue_position: 1 }],
    });
    const { json } = await call(runs, [], { state: 'not_started' });
    expect(json).toMatchObject({ runs: [{ id: loose.id, state: 'queued', queue_position: null }] });
    expect((await call(show, ['loose'])).text).toContain(`(${loose.id}): not started, ${loose.steps} steps.`);
  });

  it('shows a vanished trainer as interrupted', async () => {
    const run = addRun(store);
    claimRun(store, run.id, 999_999_999);
    expect((await call(runs, [], { state: 'interrupted' })).json).toMatchObject({ runs: [{ id: run.id }] });
  });
});

describe('show', () => {
  it('gives the keys that scripts rely on, and what is known beside them', async () => {
    const { json } = await call(show, ['baseline']);
    const { run } = json as { run: Record<string, unknown> };
    expect(run).toMatchObject({
      id: first.id,
      state: 'completed',
      step: 100,
      steps: 100,
      best: { metric: 'val/top1', value: 0.8, step: 50 },
      config: { model: 'resnet18', seed: 1 },
    });
    expect(run['stages']).toMatchObject([
      { stage: 0, bandwidth: 16, steps: 50, steps_done: 50, throughput: 40 },
      { stage: 1, bandwidth: 32, steps_done: 50, throughput: null },
    ]);
    expect(run['evaluation']).toEqual({
      step: 100,
      weights: 'raw',
      perClass: [
        { correct: 1, count: 4 },
        { correct: 4, count: 4 },
      ],
      confusion: [
        [1, 3],
        [0, 4],
      ],
    });
    expect(run['last']).toEqual({ 'train/loss': 1, 'val/top1': 0.8 });
    expect(run['checkpoints']).toEqual([{ step: 100, folder: 'step_100', bytes: 2e6, created: '2026' }]);
  });

  it('says it in words', async () => {
    const { text } = await call(show, [first.id.slice(0, 6)]);
    expect(text).toContain('completed after 100 of 100 steps');
    expect(text).toMatch(/1 +16 +0 +8 +50\/50 +20 s +40 +25\.0 % +loader/);
    expect(text).toContain('class 0 25.0 %, class 1 100.0 %');
    expect(text).toContain('dataset flowers (removed)');
    expect(text).toContain('2026-01-02 03:04:05  step 0  Started.');
    store
      .prepare(
        "INSERT INTO datasets VALUES ('flowers', 'my-flowers', '/x', 'class_folders', '2026', '[\"rose\", \"tulip\"]', '{}')",
      )
      .run();
    const named = (await call(show, [first.id])).text;
    expect(named).toContain('dataset my-flowers');
    expect(named).toContain('rose 25.0 %, tulip 100.0 %');
    await expect(call(show, ['nothing'])).rejects.toMatchObject({ code: 'not_found' });
    await expect(call(show, [])).rejects.toMatchObject({ code: 'usage' });
  });
});

describe('metrics', () => {
  it('gives every point of every series, or of those asked for', async () => {
    const { json } = await call(metrics, ['baseline'], {}, { json: true });
    const { series } = json as { series: Record<string, [number, number][]> };
    expect(Object.keys(series)).toEqual(['lr', 'train/loss', 'val/top1']);
    expect(series['train/loss']).toHaveLength(100);
    expect(series['val/top1']?.[0]).toEqual([10, 0.16]);
    expect(
      Object.keys(
        (
          (await call(metrics, ['baseline'], { series: ['val/top1'] }, { json: true })).json as typeof json & {
            series: object;
          }
        ).series,
      ),
    ).toEqual(['val/top1']);
  });

  it('prints a summary, CSV or JSON', async () => {
    expect((await call(metrics, ['baseline'])).text).toMatch(/train\/loss +100 +1 +1 +1\.99 +1\.495/);
    const rows = (await call(metrics, ['baseline'], { series: ['val/top1', 'lr'], format: 'csv' })).text.split('\n');
    expect(rows).toHaveLength(101);
    expect(rows.slice(0, 2)).toEqual(['step,val/top1,lr', '1,,0.001']);
    expect(rows[50]).toBe('50,0.8,0.001');
    new EntryWriter(store, first.id).write([
      { kind: 'points', step: 100, values: { lr: NaN }, wallMs: 1, equivalentEpochs: 1 },
    ]);
    expect((await call(metrics, ['baseline'], { series: ['lr'], format: 'csv' })).text.split('\n').at(-1)).toBe(
      '100,nan',
    );
    expect(JSON.parse((await call(metrics, ['baseline'], { series: ['lr'], format: 'json' })).text)).toMatchObject({
      series: { lr: expect.arrayContaining([[100, null]]) as unknown },
    });
  });

  it('names an unknown series and its neighbours', async () => {
    await expect(call(metrics, ['baseline'], { series: ['val/top'] })).rejects.toMatchObject({
      code: 'not_found',
      why: expect.stringContaining('train/loss') as string,
      next: 'The nearest is val/top1.',
    });
    await expect(call(metrics, ['baseline'], { format: 'xml' })).rejects.toMatchObject({ code: 'usage' });
    expect((await call(metrics, [addRun(store).id])).text).toBe('Nothing has been recorded yet.');
  });
});

describe('compare', () => {
  it('gives differences, deltas and what the same accuracy has cost', async () => {
    const { json } = await call(compare, ['baseline', 'curriculum']);
    expect(json).toMatchObject({
      baseline: first.id,
      runs: [
        { id: first.id, seconds: 20, equivalent_epochs: 10 },
        { id: second.id, seconds: 10 },
      ],
      config_differences: { 'optimizer.base_lr': { [first.id]: 4e-3, [second.id]: 1e-3 } },
    });
    const {
      config_differences,
      metrics: compared,
      same_accuracy,
    } = json as Record<string, Record<string, Record<string, Record<string, number | null>>>>;
    expect(Object.keys(config_differences ?? {})).toEqual(['optimizer.base_lr']);
    expect(compared?.['val/top1']?.[second.id]).toEqual({
      count: 10,
      last: 0.9,
      last_step: 100,
      min: 0.18,
      max: 0.9,
      best: 0.9,
      best_step: 50,
      delta_last: 0.9 - 0.8,
      delta_best: 0.9 - 0.8,
    });
    expect(compared?.['train/loss']?.[first.id]).toMatchObject({
      best: 1,
      best_step: 100,
      delta_last: 0,
      delta_best: 0,
    });
    expect(compared?.['lr']?.[second.id]).toMatchObject({ best: null, delta_best: null, delta_last: 0 });
    expect(same_accuracy).toEqual({
      ...{ metric: 'val/top1', value: 0.8, images: 8, margin: expect.closeTo(0.246, 2) as number },
      runs: {
        [first.id]: {
          ...{ step: 50, seconds: 10, equivalent_epochs: 5, speedup_seconds: 1, speedup_compute: 1 },
          ...{ range_seconds: [6, null], range_compute: [3, null], noisy_seconds: false, noisy_compute: false },
        },
        [second.id]: {
          ...{ step: 50, seconds: 5, equivalent_epochs: 5, speedup_seconds: 2, speedup_compute: 1 },
          ...{ range_seconds: [3, null], range_compute: [3, null], noisy_seconds: true, noisy_compute: true },
        },
      },
    });
  });

  it('has a hole where a run has no such series, and no common accuracy then', async () => {
    const third = addRun(store, { name: 'untrained', model: 'resnet50' });
    const { json, text } = await call(compare, ['baseline', 'curriculum', 'untrained']);
    expect(json).toMatchObject({
      metrics: { 'val/top1': { [third.id]: null } },
      same_accuracy: null,
      config_differences: { model: { [third.id]: 'resnet50', [first.id]: 'resnet18' } },
    });
    expect(text).toMatch(/val\/top1 +0\.8 +0\.9 \(\+0\.1\) +-/);
  });

  it('says it in words, baseline first', async () => {
    const { text } = await call(compare, ['curriculum', 'baseline']);
    expect(text).toContain('curriculum (baseline)');
    expect(text).toMatch(/val\/top1 +0\.9 +0\.8 \(-0\.1\)/);
    expect(text).toMatch(
      /baseline +50 +5 +\d to not reached +too noisy to call +10 s +[\d.]+ s to not reached +too noisy to call/,
    );
    expect(text).toContain('1 seed, n = 8, ±25 pp');
    expect(text).toContain('the median of the last 3 evaluations of the weakest run');
    await expect(call(compare, ['baseline'])).rejects.toMatchObject({ code: 'usage' });
  });
});

describe('pause and stop', () => {
  let built: Built;
  beforeAll(async () => {
    built = await buildProcesses();
  });

  /** Does what a trainer does on a request, shortly after it. */
  function confirmSoon(run: Run, state: 'paused' | 'stopped' | 'completed'): void {
    setTimeout(() => {
      new EntryWriter(store, run.id).write([
        { kind: 'checkpoint', step: 42, folder: 'step_42', sha256: 'x', bytes: 1000, created: '2026', removed: [] },
        { kind: 'run', state, step: 42, release: true },
      ]);
    }, 300);
  }

  it.each([
    ['pause', pause, 'pausing', 'paused'],
    ['stop', stop, 'stopping', 'stopped'],
  ] as const)('%s answers at once and then says what was saved', async (name, command, going, ended) => {
    const run = addRun(store, { name: 'live' });
    claimRun(store, run.id, process.pid);
    const answer = call(command, ['live']);
    expect(runById(store, run.id)).toMatchObject({ state: going, request: name });
    expect(lines[0]).toMatch(/ing live: finishing the step/);
    confirmSoon(run, ended);
    const { json, text, exitCode } = await answer;
    expect(json).toMatchObject({
      run: { id: run.id, state: ended, step: 42 },
      confirmed: true,
      saved: { step: 42, folder: 'step_42' },
    });
    expect(text).toContain(`is ${ended} after 42 of 1000 steps. Saved: checkpoint of step 42, 1 kB, in step_42.`);
    expect(exitCode).toBe(0);
  });

  it('says so where the run was done before it could stop', async () => {
    const run = addRun(store, { name: 'live' });
    claimRun(store, run.id, process.pid);
    confirmSoon(run, 'completed');
    expect(await call(stop, ['live'])).toMatchObject({
      json: { run: { state: 'completed' }, confirmed: true },
      exitCode: 0,
    });
  });

  it('does not wait for ever', async () => {
    const run = addRun(store, { name: 'live' });
    claimRun(store, run.id, process.pid);
    const late = await call(stop, ['live'], { wait: '0.3' });
    expect(late).toMatchObject({ json: { run: { state: 'stopping' }, confirmed: false, saved: null }, exitCode: 1 });
    expect(late.text).toContain('has not confirmed within 0.3 s');
    expect(await call(stop, ['live'], { wait: '0' })).toMatchObject({ json: { confirmed: false }, exitCode: 0 });
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 200);
    expect(await call(stop, ['live'], {}, { signal: controller.signal })).toMatchObject({ exitCode: 130 });
  });

  it('notices that the trainer died instead', async () => {
    const run = addRun(store, { name: 'live' });
    const child = startChild(built, ['hang', home, run.id]);
    await child.said;
    const answer = call(stop, ['live']);
    child.process.kill('SIGKILL');
    await expect(answer).rejects.toMatchObject({
      code: 'trainer_lost',
      next: expect.stringContaining(`resume ${run.id}`) as string,
    });
    expect(runById(store, run.id)?.state).toBe('interrupted');
  });

  it('refuses a run that is not training', async () => {
    await expect(call(pause, ['baseline'])).rejects.toMatchObject({ code: 'bad_state', why: 'It is completed.' });
    await expect(call(stop, ['baseline'], { wait: 'long' })).rejects.toMatchObject({ code: 'usage' });
  });
});
