/** A study's state as of its runs, and what its radii and seeds become when it is asked for again. */
import { beforeAll, describe, expect, it } from 'vitest';
import { frequencyRequestSchema } from '../../src/shared/contract/studies';
import { databasePath } from '../../src/main/base/home';
import { queueStudy, stopStudy } from '../../src/main/services/study/ask-study';
import { isFrequency, studyDetails } from '../../src/main/services/study/details';
import { frequencySpec, openStudy } from '../../src/main/services/study/new-study';
import { madeRuns } from '../../src/main/services/study/study-runs';
import type { Dataset } from '../../src/main/store/datasets';
import { openStore, type Store } from '../../src/main/store/open';
import { queuedRuns } from '../../src/main/store/run-devices';
import { trashRuns } from '../../src/main/store/run-marks';
import { claimStudy, endStudy, studyById, type StoredStudy } from '../../src/main/store/studies';
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
    // One that diverged has said what it had to.
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
    // As if this process's id were now another's: of the same start of the machine, and begun at another time.
    const other = `${owner.started?.split(' ')[0]} 1`;
    store.prepare('UPDATE studies SET pid_started = ? WHERE id = ?').run(other, id);
    madeRuns(store, found(id));
    expect(stateOf(id)).toBe('interrupted');
    store.prepare('UPDATE studies SET pid_started = ? WHERE id = ?').run(owner.started, id);
    endStudy(store, id, owner, { outcome: 'stopped' });
    expect(stateOf(id)).toBe('stopped');
  });

  it('is given no field that it decides itself', () => {
    expect(() => opened([4], { overrides: { 'data.filter': null } })).toThrow(/can't be given data.filter/);
  });
});
