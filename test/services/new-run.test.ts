import { join } from 'node:path';
import { rmSync, writeFileSync, readdirSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { draftBodySchema, type DraftBody } from '../../src/shared/contract/drafts';
import { modelInfoSchema } from '../../src/shared/contract/models';
import { preflightResult, type PreflightResult } from '../../src/shared/contract/plans';
import { stageViewsArgs, stageViewsResult } from '../../src/shared/contract/previews';
import { refusalOf } from '../../src/shared/curriculum/size-rule';
import { flatten } from '../../src/shared/run-config-resolve';
import { databasePath } from '../../src/main/base/home';
import { handlers as drafts } from '../../src/main/services/calls/drafts';
import { handlers as models } from '../../src/main/services/calls/models';
import { handlers as plans } from '../../src/main/services/calls/plans';
import type { CallContext } from '../../src/main/services/core/context';
import { Grants } from '../../src/main/services/core/grants';
import type { JobCall } from '../../src/main/services/core/job-protocol';
import { SettingsStore } from '../../src/main/store/settings';
import { job as memory } from '../../src/main/services/jobs/memory';
import { job as preflight } from '../../src/main/services/jobs/preflight';
import { job as stageViews } from '../../src/main/services/jobs/stage-views';
import type { Dataset } from '../../src/main/store/datasets';
import { openStore } from '../../src/main/store/open';
import { queuedRuns } from '../../src/main/store/run-devices';
import { createRun, runById } from '../../src/main/store/runs';
import { AppError } from '../../src/shared/errors';
import { engineMissing } from '../support/engine';
import { importFolder, smallSample, temporary } from '../support/training';

const home = temporary('new-run');
let source: string;
let dataset: Dataset;
let started: string[] = [];
let looks = 0;

const store = openStore(databasePath(home));
const context = {
  ...{ home, store, settings: new SettingsStore(store), grants: new Grants([home]) },
  scheduler: { start: (run: string) => started.push(run), look: () => looks++, hasRoomFor: () => true },
} as unknown as CallContext;

const call: JobCall = { home, signal: new AbortController().signal, progress: () => undefined };

const draft = (fields: Partial<DraftBody> = {}): DraftBody =>
  draftBodySchema.parse({
    dataset: dataset.id,
    model: 'resnet_micro',
    preset: 'three-stage',
    size: 32,
    equivalent_epochs: 2,
    ...fields,
  });

beforeAll(async () => {
  source = smallSample(join(home, 'photos'), 8);
  dataset = await importFolder(home, source);
});

describe('drafts', () => {
  it('are kept as they were saved, newest first, until they are removed', async () => {
    const first = await drafts['drafts.create'](context, { body: draft({ name: 'a' }) });
    const second = await drafts['drafts.create'](context, { body: draft({ name: 'b' }) });
    const body = draft({ name: 'changed', overrides: { 'optimizer.base_lr': 0.5 } });
    await drafts['drafts.save'](context, { draft: first.id, body });
    expect((await drafts['drafts.get'](context, { draft: first.id })).body).toEqual(body);
    await drafts['drafts.remove'](context, { draft: second.id });
    expect((await drafts['drafts.list'](context, {})).map(({ id }) => id)).toEqual([first.id]);
    expect(() => drafts['drafts.save'](context, { draft: second.id, body })).toThrow(AppError);
  });

  it('from the weights of a run have the classifier with its encoder, and how its task is usually trained', async () => {
    const body = draft({ model: 'mae_vit_micro_patch4', preset: 'constant', size: 16 });
    const { run } = await plans['plans.start'](context, { draft: body, draft_id: null, queue: true });
    const made = async (task: 'classify' | 'probe'): Promise<DraftBody> =>
      (await drafts['drafts.from_weights'](context, { run, task })).body;
    const tuned = await made('classify');
    expect(tuned).toMatchObject({ dataset: dataset.id, model: 'deit_micro', preset: 'finetune-mae', size: 16 });
    expect([tuned.equivalent_epochs, tuned.overrides]).toEqual([100, { init: `run:${run}` }]);
    const probed = await made('probe');
    expect(probed).toMatchObject({ model: 'deit_micro', preset: 'probe-mae', equivalent_epochs: 90 });
    expect(probed.overrides).toEqual({ init: `run:${run}`, task: 'probe' });
  });

  it('of a run keep every field and get a name that is free', async () => {
    const overrides = { 'optimizer.base_lr': 0.123, 'data.workers': 3, 'data.hflip': 0 };
    const { run } = await plans['plans.start'](context, {
      draft: draft({ name: 'cat', overrides }),
      draft_id: null,
      queue: true,
    });
    const clone = await drafts['drafts.clone'](context, { run });
    expect(clone.body.name).toBe('cat-2');
    const again = await plans['plans.start'](context, { draft: clone.body, draft_id: clone.id, queue: true });
    const configOf = (id: string): unknown => ({ ...flatten(runById(store, id)?.config), name: '' });
    expect(configOf(again.run)).toEqual(configOf(run));
    expect((await drafts['drafts.list'](context, {})).map(({ id }) => id)).not.toContain(clone.id);
  });
});

it('presets of one’s own are replaced by title and removed', async () => {
  const stages = [{ bandwidth: 32, magnitude: 9, magnitude_end: null, share: 1, batch: null, replay_times: 1 }];
  const schedule = {
    format: 'efficienttrain-schedule',
    version: 1,
    title: 'mine',
    share_of: 'compute',
    size: 32,
    stages,
  } as const;
  const saved = await drafts['drafts.save_preset'](context, { schedule: { ...schedule, stages: [...stages] } });
  const again = await drafts['drafts.save_preset'](context, {
    schedule: { ...schedule, size: 64, stages: [...stages] },
  });
  expect(again.id).toBe(saved.id);
  expect((await drafts['drafts.presets'](context, {})).map(({ schedule: { size } }) => size)).toEqual([64]);
  await drafts['drafts.remove_preset'](context, { preset: saved.id });
  expect(await drafts['drafts.presets'](context, {})).toEqual([]);
});

it('models say what they take', async () => {
  const list = await models['models.list'](context, {});
  for (const info of list) {
    expect(modelInfoSchema.parse(info)).toBeTruthy();
    expect(info.macs.map(([size]) => size)).toContain(info.size);
    for (const [size, macs] of info.macs) expect([refusalOf(info.sizes, size), macs > 0]).toEqual([null, true]);
  }
});

describe('start', () => {
  it('puts a run at the queue’s end and lets the queue look', async () => {
    const before = looks;
    const first = await plans['plans.start'](context, { draft: draft({ seed: 5 }), draft_id: null, queue: true });
    const second = await plans['plans.start'](context, { draft: draft(), draft_id: null, queue: true });
    const [one, two] = [runById(store, first.run), runById(store, second.run)];
    expect(one).toMatchObject({ state: 'queued', config: { seed: 5, dataset: dataset.id } });
    expect(two?.queue_position).toBeGreaterThan(one?.queue_position as number);
    expect(queuedRuns(store)[0]?.id).not.toBe(two?.id);
    expect(looks).toBe(before + 2);
  });

  it('takes workers and checkpoints from the settings', async () => {
    context.settings.change({ workers: 4, keep_last: 5, checkpoint_every_seconds: 11, intra_op_threads: 1 });
    const { run } = await plans['plans.start'](context, { draft: draft(), draft_id: null, queue: true });
    expect(runById(store, run)?.config).toMatchObject({
      data: { workers: 4 },
      checkpoint: { keep_last: 5, every_seconds: 11 },
      engine: { intra_op_threads: 1 },
    });
  });

  it('starts at once where the queue is off and nothing trains', async () => {
    context.settings.change({ queue_runs: false });
    started = [];
    const { run } = await plans['plans.start'](context, { draft: draft(), draft_id: null, queue: true });
    expect(started).toEqual([run]);
    context.settings.change({ queue_runs: true });
  });

  it.each([
    ['no dataset', { dataset: null }, 'invalid_config'],
    ['no model', { model: null }, 'invalid_config'],
    ['a size that the model does not take', { size: 33 }, 'invalid_stage'],
    ['a field out of range', { overrides: { 'data.hflip': 3 } }, 'invalid_config'],
    ['weights that were not picked', { overrides: { init: '/etc/passwd' } }, 'usage'],
  ])('refuses %s and leaves no run behind', async (_, fields, code) => {
    const count = (): unknown => store.prepare('SELECT count(*) FROM runs').pluck().get();
    const before = count();
    await expect(
      Promise.resolve(
        plans['plans.start'](context, { draft: draft(fields as Partial<DraftBody>), draft_id: null, queue: true }),
      ),
    ).rejects.toMatchObject({ code });
    expect(count()).toBe(before);
  });
});

describe('speeds', () => {
  it('are those of the newest run that has trained at a size', async () => {
    const { config, origin, plan } = runById(
      store,
      (await plans['plans.start'](context, { draft: draft(), draft_id: null, queue: true })).run,
    )!;
    const model = 'resnet18';
    const runs = [1, 2].map(() => createRun(store, { config: { ...config, model }, origin, plan }));
    store.prepare("UPDATE runs SET created = '2020-01-01' WHERE id = ?").run(runs[0]?.id);
    const add = store.prepare(
      'INSERT INTO stages (run_id, stage, steps_done, seconds, compute_seconds, loader_seconds, images) VALUES (?, ?, ?, ?, 0, 0, ?)',
    );
    add.run(runs[0]?.id, 0, 50, 100, 100);
    add.run(runs[1]?.id, 0, 50, 20, 100);
    add.run(runs[1]?.id, 1, 3, 99, 10);
    const { bandwidth, batch } = plan.stages[0]!;
    expect(await plans['plans.rates'](context, { model })).toEqual([{ bandwidth, batch, seconds: 0.2, load: 0 }]);
    expect(await plans['plans.rates'](context, { model: 'deit_small_patch16_224' })).toEqual([]);
  });
});

describe('stage views', () => {
  const stages = [
    { bandwidth: 16, magnitude: 0 },
    { bandwidth: 64, magnitude: 0 },
    { bandwidth: 64, magnitude: 9 },
  ];

  it('show one image at every size, with its spectrum and what is kept of it', async () => {
    const args = stageViewsArgs.parse({ dataset: dataset.id, size: 64, stages, seed: 11 });
    const result = stageViewsResult.parse(await stageViews.run(args, call));
    expect(result.views.map(({ bandwidth }) => bandwidth)).toEqual([16, 64, 64]);
    expect(result.views[0]?.energy).toBeGreaterThan(0.5);
    expect(result.views[0]?.energy).toBeLessThan(1);
    expect(result.views[1]?.energy).toBeCloseTo(1, 9);
    const again = await stageViews.run(args, call);
    expect(again).toEqual(result);
    const rerolled = await stageViews.run({ ...args, path: result.path, seed: 4 }, call);
    expect(rerolled.path).toBe(result.path);
    expect(rerolled.views[1]?.picture).not.toBe(result.views[1]?.picture);
  });

  it('are augmented more strongly at a higher magnitude', async () => {
    const changed: number[] = [];
    for (let seed = 0; seed < 8; seed++) {
      const { views } = await stageViews.run(
        stageViewsArgs.parse({ dataset: dataset.id, size: 64, stages, seed }),
        call,
      );
      if (views[1]?.picture !== views[2]?.picture) changed.push(seed);
    }
    // Each of the two operations changes half of the images.
    expect(changed.length).toBeGreaterThan(2);
  });

  it('refuse a path that is not of the dataset', async () => {
    const args = stageViewsArgs.parse({ dataset: dataset.id, size: 32, stages: [stages[0]], path: '../../etc/passwd' });
    await expect(stageViews.run(args, call)).rejects.toMatchObject({ code: 'not_found' });
  });
});

const states = ({ items }: PreflightResult): Record<string, string> =>
  Object.fromEntries(items.map(({ id, state }) => [id, state]));

describe.skipIf(engineMissing)('preflight', () => {
  it('checks everything and measures real steps', async () => {
    const phases: string[] = [];
    const body = draft({ overrides: { 'data.batch': 4 } });
    const result = preflightResult.parse(
      await preflight.run({ draft: body, dry_run: true }, { ...call, progress: (phase) => phases.push(phase) }),
    );
    // Whether bfloat16 would be faster depends on the processor; autocast-gain.test.ts tests it.
    const { autocast: _, ...found } = states(result);
    expect(found).toEqual({
      engine: 'good',
      ranges: 'good',
      schedule: 'good',
      dataset: 'good',
      disk: 'good',
      memory: 'good',
    });
    expect(result.stages.length).toBeGreaterThan(1);
    for (const { step_seconds, peak_bytes } of result.stages) {
      expect(step_seconds).toBeGreaterThan(0);
      expect(peak_bytes).toBeGreaterThan(1e7);
    }
    expect(result.hours).toBeGreaterThan(0);
    expect([...new Set(phases)]).toEqual(['engine', 'dataset', 'memory']);
  });

  it('without real steps estimates memory, the same that the plan shows', async () => {
    const result = await preflight.run({ draft: draft(), dry_run: false }, call);
    expect(result.items.find(({ id }) => id === 'memory')).toMatchObject({ state: 'good', code: 'predicted' });
    expect(result.stages).toEqual([]);
    const estimates = await memory.run({ draft: draft() }, call);
    expect(estimates.map(({ bandwidth }) => bandwidth)).toContain(32);
    for (const { bytes } of estimates) expect(bytes).toBeGreaterThan(1e5);
  });

  it('names a field out of range and goes no further', async () => {
    const result = await preflight.run({ draft: draft({ overrides: { 'data.hflip': 3 } }), dry_run: true }, call);
    expect(states(result)).toEqual({ engine: 'good', ranges: 'error' });
    expect(result.items[1]?.error?.why).toContain('data.hflip');
  });

  it('refuses a step that no memory holds before it is tried', async () => {
    const result = await preflight.run(
      { draft: draft({ overrides: { 'data.batch': 50_000_000 }, equivalent_epochs: 1e9 }), dry_run: true },
      call,
    );
    expect(result.items.find(({ id }) => id === 'memory')).toMatchObject({ state: 'error', code: 'predicted_over' });
  });

  it('says that the dataset has changed', async () => {
    const folder = smallSample(join(home, 'other'), 4, ['zero', 'one']);
    const other = await importFolder(home, folder);
    const file = join(folder, 'train', 'zero', readdirSync(join(folder, 'train', 'zero'))[0] as string);
    writeFileSync(file, 'changed');
    const changed = await preflight.run(
      { draft: draft({ dataset: other.id, overrides: { 'data.batch': 2 } }), dry_run: true },
      call,
    );
    expect(changed.items.find(({ id }) => id === 'dataset')).toMatchObject({
      state: 'error',
      error: { code: 'dataset_changed' },
    });
    rmSync(folder, { recursive: true });
    const gone = await preflight.run(
      { draft: draft({ dataset: other.id, overrides: { 'data.batch': 2 } }), dry_run: true },
      call,
    );
    expect(gone.items.find(({ id }) => id === 'dataset')?.error?.code).toBe('dataset_missing');
  });

  it('ends when it is cancelled', async () => {
    const controller = new AbortController();
    controller.abort(new Error('cancelled'));
    await expect(
      preflight.run({ draft: draft(), dry_run: true }, { ...call, signal: controller.signal }),
    ).rejects.toThrow('cancelled');
  });
});
