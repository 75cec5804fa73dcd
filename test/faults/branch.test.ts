import { statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  checkpointsFolder,
  listCheckpoints,
  loadCheckpointState,
  newestCheckpoint,
  openCheckpoint,
} from '../../src/main/engine/train/checkpoint';
import { locateEngine } from '../../src/main/engine/backend/locate';
import { databasePath, runFolder } from '../../src/main/base/home';
import { resolveRun } from '../../src/main/services/runs/configs';
import { branchFolder, createBranch } from '../../src/main/services/runs/branch';
import { lineageOf } from '../../src/main/store/lineage';
import { openStore } from '../../src/main/store/open';
import { runById, type Run } from '../../src/main/store/runs';
import type { Dataset } from '../../src/main/store/datasets';
import { importFolder, look, smallSample, temporary, train } from '../support/training';

const stage = (bandwidth: number, magnitude: number) => ({ bandwidth, magnitude, share: 1 / 3 });
const SET = [
  ...['engine.intra_op_threads=2', 'engine.inter_op_threads=1', 'data.workers=1', 'ema.decay=0.99', 'data.mixup=0.8'],
  ...['checkpoint.stage_ends=true', 'checkpoint.keep_last=1', 'eval.every=100'],
];

describe.skipIf(locateEngine().kind === 'tfjs-cpu')('a run that branches from the end of a stage of another', () => {
  let home: string;
  let dataset: Dataset;
  let parent: Run;

  const request = (stages: object[], set: string[] = []) => ({
    ...{ dataset, model: 'resnet_micro', preset: 'efficienttrain++' },
    flags: { size: 32, 'schedule.equivalent_epochs': 1, 'data.batch': 16, 'schedule.stages': stages },
    set: [...SET, ...set],
  });

  beforeAll(async () => {
    home = temporary('branch');
    dataset = await importFolder(home, smallSample(temporary('branch-data'), 40));
    const store = openStore(databasePath(home));
    const { createRun } = await import('../../src/main/store/runs');
    parent = createRun(store, resolveRun(request([stage(16, 0), stage(16, 3), stage(32, 6)])));
    store.close();
    expect((await train(home, parent).ended).code).toBe(0);
  });

  it('keeps the ends of its stages, and a branch with the same tail has the same bits', async () => {
    const ends = parent.plan.stages.map(({ first_step, steps }) => first_step + steps);
    expect(listCheckpoints(runFolder(home, parent.id)).map(({ step }) => step)).toEqual(expect.arrayContaining(ends));
    const store = openStore(databasePath(home));
    const branch = await createBranch(
      home,
      store,
      resolveRun(request([stage(16, 0), stage(16, 3), stage(32, 6)], [`branch=${parent.id}@1`])),
    );
    store.close();
    expect(branch).toMatchObject({ step: ends[0], steps: parent.steps, state: 'queued' });
    expect(branch.parent).toMatchObject({ run: parent.id, step: ends[0] });
    // The checkpoint is one file with two names.
    const [kept] = listCheckpoints(branchFolder(runFolder(home, branch.id)));
    expect(statSync(join(kept?.folder ?? '', 'state.safetensors')).nlink).toBe(2);
    // The branch has not spent any time on it.
    if (!kept) throw new Error('no checkpoint');
    expect((await openCheckpoint(kept.folder)).info.wall_seconds).toBe(0);
    expect((await train(home, branch).ended).code).toBe(0);
    const [whole, tail] = [look(home, parent.id), look(home, branch.id)];
    expect(tail.run.state).toBe('completed');
    for (const name of ['train/loss', 'lr', 'val/top1', 'val/top1_ema'])
      expect(tail.series[name], name).toEqual(whole.series[name]?.filter(({ step }) => step > (ends[0] as number)));
    const [left, right] = await Promise.all(
      [parent.id, branch.id].map(async (id) => (await newestCheckpoint(runFolder(home, id))).checkpoint),
    );
    if (!left || !right) throw new Error('no checkpoint');
    expect(loadCheckpointState(right)).toEqual(loadCheckpointState(left));
  });

  it('pays for its tail alone, and names its parent', async () => {
    const store = openStore(databasePath(home));
    const branch = await createBranch(
      home,
      store,
      resolveRun(request([stage(16, 0), stage(16, 3), stage(24, 6)], [`branch=${parent.name}@2`])),
    );
    const { ancestors, equivalent_epochs_total } = lineageOf(store, runById(store, branch.id) as Run);
    expect(ancestors).toMatchObject([{ id: parent.id, step: branch.step }]);
    expect(equivalent_epochs_total).toBeCloseTo(branch.plan.totals.equivalent_epochs, 9);
    expect(branch.plan.stages.slice(0, 2).map(({ steps }) => steps)).toEqual(
      parent.plan.stages.slice(0, 2).map(({ steps }) => steps),
    );
    expect(checkpointsFolder(runFolder(home, branch.id))).not.toBe(
      checkpointsFolder(branchFolder(runFolder(home, branch.id))),
    );
    store.close();
  });

  it('is refused where the first stages, the network or the border are others', async () => {
    const store = openStore(databasePath(home));
    const tried = (stages: object[], set: string[]) => createBranch(home, store, resolveRun(request(stages, set)));
    const same = [stage(16, 0), stage(16, 3), stage(32, 6)];
    const one = `branch=${parent.id}@1`;
    await expect(tried([stage(24, 0), stage(16, 3), stage(32, 6)], [one])).rejects.toThrow('Stage 1 is not that of');
    await expect(tried(same, [one, 'optimizer.name=sgd'])).rejects.toThrow("can't branch from");
    await expect(tried(same, [one, 'init=weights.safetensors'])).rejects.toThrow('and start from weights.safetensors');
    await expect(tried(same, [`branch=${parent.id}@4`])).rejects.toThrow('has no end of stage 4');
    await expect(tried(same, [`branch=${parent.id}@3`])).rejects.toThrow('Nothing is left to train behind stage 3');
    await expect(tried(same, ['branch=nobody@1'])).rejects.toMatchObject({ code: 'not_found' });
    await expect(tried(same, [`branch=${parent.id}`])).rejects.toMatchObject({ code: 'usage' });
    store.close();
  });
});
