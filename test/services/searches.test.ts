/** Searches as a window sees them, and actions on them, without training anything. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { searchRequestSchema } from '../../src/shared/contract/searches';
import { errorData } from '../../src/shared/errors';
import { nextTrials } from '../../src/shared/search/next';
import { schedulePrice } from '../../src/shared/search/price';
import { searchText } from '../../src/main/cli/search-text';
import { resolveRun } from '../../src/main/services/runs/configs';
import { knownOf } from '../../src/main/services/search/known-trials';
import { searchSpec } from '../../src/main/services/search/new-search';
import { presetOfSearch } from '../../src/main/services/search/run-search';
import { pricesOf, problemOf } from '../../src/main/services/search/trial-config';
import { saveOwnPreset } from '../../src/main/store/own-presets';
import { refuseFullDisk } from '../../src/main/services/search/state-room';
import type { Dataset } from '../../src/main/store/datasets';
import { finishTrial, setTrialRun, trialOf, trialsOf } from '../../src/main/store/search-trials';
import {
  claimSearch,
  createSearch,
  endSearch,
  queueSearch,
  reconcileSearches,
  searchById,
} from '../../src/main/store/searches';
import type { Subject } from '../../src/shared/search/problem';
import { importFolder, smallSample, temporary } from '../support/training';
import { openCore } from './core-support';

const home = temporary('searches');
let dataset: Dataset;
let opened: ReturnType<typeof openCore>;
let id: string;

const searchOf = (asked: object = {}): string =>
  createSearch(opened.core.context.store, '', searchSpec({ dataset, request: requestOf(asked) })).id;
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
  id = searchOf();
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
  // It is one step less than the budget, so that rounding never costs more.
  expect(spec.length).toBeCloseTo(20 - 16 / 96, 9);
  const estimate = await opened.call('searches.estimate', { request: requestOf({ seeds: 2 }) });
  // There are the baseline, and nine trials where every stage may have every size.
  expect(estimate).toMatchObject({ size: 32, trials: 20, hours: null });
  expect(estimate.epochs).toBeCloseTo(2 * (30 + 9 * (spec.length / 3 + 1.5)), 6);
  // For each seed, four states are kept from which trials branch, the baseline's and the best. For a trial, those that
  // its two runs write are kept, too.
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
  [{ overrides: { 'schedule.adaptive.window': 0.1 } }, 'invalid_config'],
  [{ overrides: { 'distillation.teacher': 'k3m9' } }, 'invalid_config'],
  [{ overrides: { branch: 'k3m9@1' } }, 'invalid_config'],
  [{ overrides: { task: 'mae' } }, 'invalid_config'],
  [{ overrides: { task: 'probe' } }, 'invalid_config'],
  [{ model: 'mae_vit_micro_patch4' }, 'invalid_config'],
  [{ dataset: 'nowhere' }, 'not_found'],
])('refuses %j', async (asked, code) => {
  await expect(opened.call('searches.estimate', { request: requestOf(asked) })).rejects.toMatchObject({ code });
});

it('is refused, with a way out, where there are no labels, no validation images or no accuracies', async () => {
  const photos = await importFolder(home, join(smallSample(temporary('searches-photos'), 4), 'train'), true);
  const refusal = (of: Dataset, asked: object = {}) => {
    try {
      searchSpec({ dataset: of, request: requestOf(asked) });
    } catch (error) {
      return errorData(error);
    }
    throw new Error('not refused');
  };
  expect(refusal(photos)).toMatchObject({
    code: 'invalid_config',
    what: `Dataset ${photos.name} has no labels.`,
    next: expect.stringContaining('Choose a dataset with classes') as string,
  });
  const counts = { train: dataset.record.counts['train'] ?? {} };
  expect(refusal({ ...dataset, record: { ...dataset.record, counts } })).toMatchObject({
    code: 'bad_dataset',
    what: `Dataset ${dataset.name} has no validation images.`,
    next: expect.stringContaining('a share of its images as val') as string,
  });
  expect(refusal(dataset, { model: 'mae_vit_micro_patch4' })).toMatchObject({
    what: "A search can't compare runs of the task mae.",
    next: 'Name a classifier, and leave the task out.',
  });
});

it('takes from a configuration file neither a branch nor weights to begin with', () => {
  const file = join(home, 'config.json');
  const specOf = (config: object) => {
    writeFileSync(file, JSON.stringify(config));
    return searchSpec({ dataset, request: requestOf(), configFile: file });
  };
  const stages = [{ bandwidth: 16, magnitude: 0, share: 1 }];
  // The schedule of the file is not that of the baseline.
  expect(specOf({ branch: null, schedule: { stages }, data: { mixup: 0.2 } }).base).toMatchObject({
    schedule: { preset: 'constant', stages: [{ bandwidth: 32 }] },
    data: { mixup: 0.2 },
  });
  for (const own of [{ branch: 'k3m9@1' }, { init: 'run:k3m9@4' }, { optimizer: { lr_horizon: 3 } }])
    expect(() => specOf(own)).toThrow(/A search can't be given/);
});

it('tells candidates apart by its own rule, also where it was begun before there was another', async () => {
  const { store } = opened.core.context;
  const chosenBy = async (): Promise<number | undefined> => {
    measured(null, 0, 0.5, 30);
    // Their intervals overlap.
    for (const [side, top1] of [
      [16, 0.4],
      [24, 0.45],
      [32, 0.5],
    ] as const)
      measured([side], 0, top1);
    const { spec } = await opened.call('searches.get', { search: id });
    return nextTrials(problemOf(spec), knownOf(trialsOf(store, id))).chosen?.[0];
  };
  const rule = async (): Promise<string> =>
    searchText(await opened.call('searches.get', { search: id }))
      .split('\n')
      .find((line) => line.startsWith('Rule:')) ?? '';
  expect(await chosenBy()).toBe(16);
  expect(await rule()).toContain('Of the others the cheapest is taken');
  id = searchOf({ overlap: 'mean', tolerance: 0.02, max_seeds: 1 });
  expect(await chosenBy()).toBe(32);
  expect(await rule()).toBe(
    'Rule: the highest mean of a stage is taken, or the smallest bandwidth that overlaps with it and is not worse by more than 2.0 points.',
  );
  // As the version before has stored it.
  id = searchOf();
  store.prepare("UPDATE searches SET spec = json_remove(spec, '$.overlap') WHERE id = ?").run(id);
  expect(await chosenBy()).toBe(32);
  expect((await opened.call('searches.get', { search: id })).spec.overlap).toBe('mean');
});

it('costs no more than beta of its baseline, whatever it chooses, in whole steps too', () => {
  const store = opened.core.context.store;
  const sizes = [16, 24, 32];
  for (const beta of [0.1, 0.25, 1 / 3, 0.5, 2 / 3, 0.9, 1])
    for (const stages of [1, 2, 3]) {
      const spec = searchSpec({ dataset, request: requestOf({ beta, stages, epochs: 41 }) });
      const schedules = Array.from({ length: sizes.length ** stages }, (_, number) =>
        Array.from({ length: stages }, (_, stage) => sizes[Math.floor(number / sizes.length ** stage) % 3] as number),
      );
      // Every schedule that algorithm 2 can choose rises.
      for (const chosen of schedules.filter((sides) => sides.every((side, at) => side >= (sides[at - 1] ?? 0)))) {
        const preset = saveOwnPreset(store, presetOfSearch('costs', 'costs', spec, chosen));
        const { plan } = resolveRun({
          ...{ dataset, model: 'resnet_micro', ownPreset: preset.schedule, set: [] },
          flags: {
            ...{ size: 32, 'data.batch': 16 },
            'schedule.equivalent_epochs': schedulePrice(problemOf(spec), pricesOf(spec), chosen),
          },
        });
        const cost = plan.totals.equivalent_epochs;
        expect(cost, `${beta} ${chosen.join()}`).toBeLessThanOrEqual(beta * spec.baseline_cost + 1e-9);
        // It costs at most two steps less: one is left out for rounding, which takes another at most.
        expect(cost).toBeGreaterThanOrEqual(beta * spec.baseline_cost - (2 * 16) / plan.samples - 1e-9);
      }
    }
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

it('is queued from where it is resumed until a process takes it, and can be stopped before', () => {
  const { store } = opened.core.context;
  const owner = claimSearch(store, id, process.pid);
  endSearch(store, id, owner, { state: 'stopped', error: null, reason: 'It has taken its hours.' });
  queueSearch(store, id);
  expect(searchById(store, id)).toMatchObject({ state: 'queued', reason: '', ended: null });
  claimSearch(store, id, process.pid);
  // A process has it, so there is nothing to queue.
  queueSearch(store, id);
  expect(searchById(store, id)?.state).toBe('running');
});

it('stays stopped where it was stopped while its process started', async () => {
  const { store } = opened.core.context;
  await opened.call('searches.stop', { search: id });
  expect(() => claimSearch(store, id, process.pid)).toThrow("can't be started");
  expect(searchById(store, id)?.state).toBe('stopped');
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
  // The former owner can no longer write.
  endSearch(store, id, owner, { state: 'completed', error: null, reason: '' });
  expect(searchById(store, id)?.state).toBe('interrupted');
});
