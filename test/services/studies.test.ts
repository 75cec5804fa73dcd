/** A study's state follows from its runs. The test also covers its radii and seeds when it is requested again. */
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { checkpointsRequestSchema, frequencyRequestSchema } from '../../src/shared/contract/studies';
import { errorData } from '../../src/shared/errors';
import { databasePath } from '../../src/main/base/home';
import { resolveRun } from '../../src/main/services/runs/configs';
import { queueStudy, stopStudy } from '../../src/main/services/study/ask-study';
import { isFrequency, studyDetails } from '../../src/main/services/study/details';
import { checkpointsSpec, frequencySpec, openStudy } from '../../src/main/services/study/new-study';
import { madeRuns } from '../../src/main/services/study/study-runs';
import type { Dataset } from '../../src/main/store/datasets';
import { openStore, type Store } from '../../src/main/store/open';
import { queuedRuns } from '../../src/main/store/run-devices';
import { trashRuns } from '../../src/main/store/run-marks';
import { createRun } from '../../src/main/store/runs';
import { claimStudy, endStudy, setStudyOutcome, studyById, type StoredStudy } from '../../src/main/store/studies';
import type { FrequencySpec } from '../../src/shared/contract/studies';
import { importFolder, smallSample, temporary } from '../support/training';

const home = temporary('studies');
let dataset: Dataset;
let store: Store;

beforeAll(async () => {
  dataset = await importFolder(home, smallSample(temporary('studies-data'), 8));
  store = openStore(databasePath(home));
  return () => store.close();
});

function opened(radii: number[], more: object = {}): string {
  const request = frequencyRequestSchema.parse({
    ...{ kind: 'frequency', dataset: dataset.id, model: 'resnet_micro', size: 32, epochs: 2, batch: 16, radii },
    ...more,
  });
  return openStudy(store, frequencySpec({ dataset, request }));
}

function found(id: string): StoredStudy<FrequencySpec> {
  const study = studyById(store, id) as StoredStudy;
  if (!isFrequency(study)) throw new Error('another kind');
  return study;
}

const stateOf = (id: string): string => studyDetails(store, found(id)).study.state;
const set = (run: string, state: string): unknown =>
  store.prepare('UPDATE runs SET state = ?, queue_position = NULL WHERE id = ?').run(state, run);

describe('a frequency study', () => {
  it('is one with the study of the same configuration: its radii and seeds join', () => {
    const id = opened([8]);
    expect(opened([4, 8], { seeds: 2 })).toBe(id);
    expect(found(id).spec).toMatchObject({ radii: [4, 8], seeds: 2 });
    expect(opened([4], { batch: 8 })).not.toBe(id);
  });

  it('has the id that earlier versions gave it', () => {
    const request = frequencyRequestSchema.parse({
      ...{ kind: 'frequency', dataset: dataset.id, model: 'resnet_micro', size: 32, epochs: 2, batch: 16, radii: [8] },
    });
    const spec = frequencySpec({ dataset, request });
    expect(openStudy(store, { ...spec, base: { ...spec.base, dataset: 'fixed' } })).toBe('7afa5776');
  });

  it('waits in the queue in the order in which a first picture comes soon, and is stopped there', () => {
    const id = opened([4, 8], { seeds: 2 });
    expect(stateOf(id)).toBe('queued');
    queueStudy(store, found(id));
    const runs = madeRuns(store, found(id));
    expect(queuedRuns(store).map((queued) => queued.id)).toEqual(runs.map(({ run }) => run.id));
    expect(runs.map(({ radius, seed }) => [radius, seed])).toEqual([
      [null, 0],
      [4, 0],
      [8, 0],
      [null, 1],
      [4, 1],
      [8, 1],
    ]);
    expect(runs.map(({ run }) => run.config.data.filter?.radius ?? null)).toEqual([null, 4, 8, null, 4, 8]);
    expect(stateOf(id)).toBe('queued');
    stopStudy(store, found(id));
    expect(stateOf(id)).toBe('stopped');
    expect(queuedRuns(store)).toEqual([]);
    expect(() => stopStudy(store, found(id))).toThrow(/can't be stopped/);
  });

  it('has the state of its runs, and is queued again without those that are over', () => {
    const id = opened([4, 8], { seeds: 2 });
    const [first, second, ...others] = madeRuns(store, found(id)).map(({ run }) => run.id) as [string, string];
    set(first, 'completed');
    set(second, 'interrupted');
    queueStudy(store, found(id));
    expect(queuedRuns(store).map((queued) => queued.id)).toEqual([second, ...others]);
    set(second, 'running');
    expect(stateOf(id)).toBe('running');
    set(second, 'interrupted');
    expect(stateOf(id)).toBe('queued');
    for (const run of others) set(run, 'completed');
    expect(stateOf(id)).toBe('interrupted');
    expect(studyDetails(store, found(id)).progress).toMatchObject({ done: 5, total: 6, resumable: true });
    set(second, 'failed');
    expect(stateOf(id)).toBe('failed');
    store.prepare('UPDATE runs SET error = ? WHERE id = ?').run('{"code":"non_finite"}', second);
    // A run that diverged has delivered its result.
    expect(stateOf(id)).toBe('completed');
    trashRuns(store, [second], true);
    expect(studyDetails(store, found(id)).progress).toMatchObject({ done: 5, resumable: true });
    expect(madeRuns(store, found(id))[1]?.run.id).not.toBe(second);
  });

  it('is of one process at a time, and interrupted where that has gone', () => {
    const id = opened([4], { batch: 4 });
    const owner = claimStudy(store, id, process.pid);
    expect(stateOf(id)).toBe('queued');
    expect(() => claimStudy(store, id, process.pid)).toThrow(/can't be started/);
    // This process's id seems to belong to another process now: of the same start of the machine, but begun at another
    // time.
    const other = `${owner.started?.split(' ')[0]} 1`;
    store.prepare('UPDATE studies SET pid_started = ? WHERE id = ?').run(other, id);
    madeRuns(store, found(id));
    expect(stateOf(id)).toBe('interrupted');
    store.prepare('UPDATE studies SET pid_started = ? WHERE id = ?').run(owner.started, id);
    endStudy(store, id, owner, { outcome: 'stopped' });
    expect(stateOf(id)).toBe('stopped');
    // Who stops it while its process starts has stopped it.
    expect(() => claimStudy(store, id, process.pid)).toThrow(/can't be started/);
    setStudyOutcome(store, id, null);
    endStudy(store, id, claimStudy(store, id, process.pid), { outcome: 'stopped' });
  });

  it('is given no field that it decides itself', () => {
    expect(() => opened([4], { overrides: { 'data.filter': null } })).toThrow(/can't be given data.filter/);
    expect(() => opened([4], { overrides: { 'distillation.teacher': 'k3m9' } })).toThrow(/can't be given distillation/);
    expect(() => opened([4], { overrides: { branch: 'k3m9@1' } })).toThrow(/can't be given branch/);
  });

  it('is refused, with a way out, where runs have no accuracy to compare, or borders that move', async () => {
    const photos = await importFolder(home, join(smallSample(temporary('studies-photos'), 4), 'train'), true);
    const refusal = (asked: object, of: Dataset = dataset) => {
      const request = frequencyRequestSchema.parse({
        ...{ kind: 'frequency', dataset: of.id, model: 'resnet_micro', size: 32, epochs: 2, batch: 16, ...asked },
      });
      try {
        frequencySpec({ dataset: of, request });
      } catch (error) {
        return errorData(error);
      }
      throw new Error('not refused');
    };
    expect(refusal({}, photos)).toMatchObject({
      code: 'bad_dataset',
      what: `Dataset ${photos.name} has no labels.`,
      next: expect.stringContaining('Choose a dataset with classes') as string,
    });
    const counts = { train: dataset.record.counts['train'] ?? {} };
    expect(refusal({}, { ...dataset, record: { ...dataset.record, counts } })).toMatchObject({
      code: 'bad_dataset',
      what: `Dataset ${dataset.name} has no validation images.`,
      next: expect.stringContaining('a share of its images as val') as string,
    });
    for (const asked of [{ model: 'mae_vit_micro_patch4' }, { overrides: { task: 'probe' } }])
      expect(refusal(asked)).toMatchObject({
        code: 'usage',
        what: expect.stringContaining("A study can't compare runs of the task") as string,
        next: 'Name a classifier, and leave the task out.',
      });
    expect(refusal({ overrides: { 'schedule.adaptive.window': 0.1 } })).toMatchObject({
      code: 'usage',
      what: "A study's schedule can't be adaptive.",
    });
    const request = frequencyRequestSchema.parse({ kind: 'frequency', dataset: dataset.id, model: 'resnet_micro' });
    expect(() => frequencySpec({ dataset, request, set: ['schedule.preset=adaptive'] })).toThrow(/can't be adaptive/);
  });
});

describe('a study of checkpoints', () => {
  it('is refused where the run has no accuracy', async () => {
    const photos = await importFolder(home, join(smallSample(temporary('studies-mae'), 4), 'train'), true);
    const run = createRun(
      store,
      resolveRun({
        ...{ dataset: photos, model: 'mae_vit_micro_patch4', preset: 'constant', set: [] },
        flags: { size: 32, 'schedule.equivalent_epochs': 1, 'data.batch': 4 },
      }),
    );
    const request = checkpointsRequestSchema.parse({ kind: 'checkpoints', run: run.id });
    expect(() => checkpointsSpec(store, request)).toThrow(
      expect.objectContaining({
        message: `The checkpoints of run ${run.name} can't be studied.`,
        why: 'Its task mae has no accuracy.',
        next: 'Name a run that classifies.',
      }) as Error,
    );
  });
});
