/** Searches as a window sees them and what may be done to them, without training anything. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { searchRequestSchema } from '../../src/shared/contract/searches';
import { searchSpec } from '../../src/main/services/search/new-search';
import { refuseFullDisk } from '../../src/main/services/search/state-room';
import type { Dataset } from '../../src/main/store/datasets';
import { finishTrial, setTrialRun, trialOf } from '../../src/main/store/search-trials';
import { claimSearch, createSearch, endSearch, reconcileSearches, searchById } from '../../src/main/store/searches';
import type { Subject } from '../../src/shared/search/problem';
import { importFolder, smallSample, temporary } from '../support/training';
import { openCore } from './core-support';

const home = temporary('searches');
let dataset: Dataset;
let opened: ReturnType<typeof openCore>;
let id: string;

const requestOf = (asked: object = {}) =>
  searchRequestSchema.parse({
    ...{ algorithm: 2, dataset: dataset.id, model: 'resnet_micro', size: 32, stages: 3, candidates: [16, 24, 32] },
    ...{ epochs: 30, batch: 16, ...asked },
  });

beforeAll(async () => {
  dataset = await importFolder(home, smallSample(temporary('searches-data'), 24));
  opened = openCore(home);
  await opened.call('app.change', { queue_runs: false });
}, 60_000);
afterAll(() => opened.core.close());
beforeEach(() => {
  id = createSearch(opened.core.context.store, '', searchSpec({ dataset, request: requestOf() })).id;
});

function measured(subject: Subject, seed: number, top1: number | null, cost = 1): void {
  const { store } = opened.core.context;
  const { number } = trialOf(store, id, subject, seed);
  setTrialRun(store, id, number, { run: `r${number}`, steps: 7, cost });
  finishTrial(store, id, number, top1 === null ? null : { top1, n: 100 });
}

it('freezes what decides its trials, and says what it takes at most', async () => {
  const { spec, search } = await opened.call('searches.get', { search: id });
  expect(spec).toMatchObject({ candidates: [16, 24, 32], epochs: 30, beta: 2 / 3, finetune_epochs: 1.5, max_seeds: 1 });
  expect(search.budget).toBeCloseTo(20, 9);
  // One step less than the budget, so that rounding never costs more.
  expect(spec.length).toBeCloseTo(20 - 16 / 96, 9);
  const estimate = await opened.call('searches.estimate', { request: requestOf({ seeds: 2 }) });
  // The baseline, and nine trials where every stage may have every size.
  expect(estimate).toMatchObject({ size: 32, trials: 20, hours: null });
  expect(estimate.epochs).toBeCloseTo(2 * (30 + 9 * (spec.length / 3 + 1.5)), 6);
  // Of each seed four that trials branch from, the baseline's and the best; and of a trial's two runs those that they write.
  expect(estimate.disk.states).toBe(2 * (4 + 2) + 5 + 3);
  expect(estimate.disk.bytes).toBe(estimate.disk.states * 14_980_400);
});

it('takes the sizes that the model can have where none are given', async () => {
  const estimate = await opened.call('searches.estimate', { request: requestOf({ candidates: null }) });
  expect(estimate.candidates).toEqual([16, 24, 32]);
});

it.each([
  [{ candidates: [16, 20] }, 'invalid_stage'],
  [{ epochs: 0.01 }, 'invalid_stage'],
  [{ overrides: { 'schedule.preset': 'constant' } }, 'invalid_config'],
  [{ overrides: { 'optimizer.lr_horizon': 3 } }, 'invalid_config'],
  [{ overrides: { task: 'mae' } }, 'invalid_config'],
  [{ dataset: 'nowhere' }, 'not_found'],
])('refuses %j', async (asked, code) => {
  await expect(opened.call('searches.estimate', { request: requestOf(asked) })).rejects.toMatchObject({ code });
});

it('shows a candidate as the mean of its seeds, and one that diverged without an accuracy', async () => {
  measured(null, 0, 0.5, 30);
  measured([16], 0, 0.4);
  measured([16], 1, 0.6);
  measured([24], 0, null);
  const { search, runs, progress } = await opened.call('searches.get', { search: id });
  expect(search.baseline).toMatchObject({ run: 'r1', top1: 0.5 });
  expect(search.trials).toMatchObject([
    { stage: 0, bandwidth: 16, top1: 0.5, seeds: 2, n: 100, cost: 2, steps: 7, state: 'completed', run: 'r2' },
    { stage: 0, bandwidth: 24, top1: null, n: null, state: 'failed' },
  ]);
  expect(runs.map(({ seed }) => seed)).toEqual([0, 0, 1, 0]);
  expect(progress.spent).toBe(33);
  expect(progress.to_come).toBeGreaterThan(0);
});

it('is refused, with a way out, where the disk does not hold its states', () => {
  const room = { states: 12, state_bytes: 15e6, needed: 180e6, free: 179e6 };
  expect(() => refuseFullDisk({ ...room, free: 180e6 })).not.toThrow();
  expect(() => refuseFullDisk(room)).toThrow(
    expect.objectContaining({
      code: 'disk_full',
      why: 'It holds at most 12 at once, 0.0150 GB each: it needs 0.180 GB more, and 0.179 GB are free.',
      next: expect.stringContaining('--candidates') as string,
    }) as Error,
  );
});

it('is stopped at once where nobody makes it, and is not stopped twice', async () => {
  await opened.call('searches.stop', { search: id });
  expect((await opened.call('searches.get', { search: id })).search.state).toBe('stopped');
  await expect(opened.call('searches.stop', { search: id })).rejects.toMatchObject({ code: 'bad_state' });
  await opened.call('searches.remove', { search: id });
  await expect(opened.call('searches.get', { search: id })).rejects.toMatchObject({ code: 'not_found' });
});

it('has one process, is asked to stop through the database, and is interrupted where that process is gone', async () => {
  const { store } = opened.core.context;
  const owner = claimSearch(store, id, process.pid);
  expect(() => claimSearch(store, id, process.pid)).toThrow("can't be started");
  await expect(opened.call('searches.resume', { search: id })).rejects.toMatchObject({ code: 'bad_state' });
  await expect(opened.call('searches.remove', { search: id })).rejects.toMatchObject({ code: 'bad_state' });
  await opened.call('searches.stop', { search: id });
  expect(searchById(store, id)).toMatchObject({ state: 'stopping', request: 'stop' });
  expect(reconcileSearches(store)).toEqual([]);
  store.prepare("UPDATE searches SET pid_started = pid_started || '1' WHERE id = ?").run(id);
  expect(reconcileSearches(store)).toEqual([id]);
  expect(searchById(store, id)).toMatchObject({ state: 'interrupted', request: null });
  // Who had it writes nothing more.
  endSearch(store, id, owner, { state: 'completed', error: null, reason: '' });
  expect(searchById(store, id)?.state).toBe('interrupted');
});
