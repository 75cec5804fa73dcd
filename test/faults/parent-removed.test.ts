/**
 * A run that starts from another run's checkpoint has its own copy of the weights: the parent's EMA stays while the
 * parent is removed.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { databasePath, runFolder } from '../../src/main/base/home';
import { listCheckpoints, loadCheckpointState, openCheckpoint } from '../../src/main/engine/train/checkpoint';
import { emaName } from '../../src/main/engine/optim/ema';
import { SafetensorsFile } from '../../src/main/engine/weights/safetensors';
import { resolveRun } from '../../src/main/services/runs/configs';
import { createRunFrom, initialWeights } from '../../src/main/services/runs/initial-weights';
import type { Dataset } from '../../src/main/store/datasets';
import { lineageOf } from '../../src/main/store/lineage';
import { openStore } from '../../src/main/store/open';
import { trashRuns } from '../../src/main/store/run-marks';
import { removeRun } from '../../src/main/store/run-removal';
import { runById, type Run } from '../../src/main/store/runs';
import { engineMissing } from '../support/engine';
import { importFolder, look, newRun, smallSample, temporary, train } from '../support/training';

const SET = ['engine.intra_op_threads=2', 'engine.inter_op_threads=1', 'data.workers=1', 'checkpoint.every_seconds=0'];

describe.skipIf(engineMissing)('a run that starts from another', () => {
  const home = temporary('parent-removed');
  let dataset: Dataset;
  let parent: Run;
  let step: number;

  async function child(): Promise<Run> {
    const store = openStore(databasePath(home));
    try {
      const flags = { init: `run:${parent.id}@${step}`, 'schedule.equivalent_epochs': 2, 'data.batch': 16 };
      const resolved = resolveRun({ dataset, model: 'deit_micro', preset: 'finetune-mae', flags, set: SET });
      return createRunFrom(
        home,
        store,
        resolved,
        await initialWeights(home, store, resolved.config, dataset.classes.length),
      );
    } finally {
      store.close();
    }
  }

  beforeAll(async () => {
    dataset = await importFolder(home, smallSample(join(home, 'signs'), 24));
    parent = newRun(home, dataset, { model: 'mae_vit_micro_patch4', preset: 'constant', set: ['ema.decay=0.9'] });
    await train(home, parent).ended;
    step = listCheckpoints(runFolder(home, parent.id))[0]?.step ?? -1;
  }, 120_000);

  it('takes the moving average of the step that is named, where the parent has one', async () => {
    const { id } = await child();
    const kept = listCheckpoints(runFolder(home, parent.id)).find((checkpoint) => checkpoint.step === step);
    const state = loadCheckpointState(await openCheckpoint(kept?.folder ?? ''));
    const init = new SafetensorsFile(join(runFolder(home, id), 'init.safetensors'));
    const name = 'blocks.0.norm1.weight';
    expect(Array.from(init.read(name))).toEqual(Array.from(state[emaName(name)] as Float32Array));
    expect(Array.from(init.read(name))).not.toEqual(Array.from(state[name] as Float32Array));
  });

  it('is trained and resumed to the same bits once its parent has been removed', async () => {
    const [alone, stopped] = [await child(), await child()];
    await train(home, alone).ended;
    await train(home, stopped, (message, trainer) => {
      if (message.type === 'progress' && message.step > 0) trainer.send({ type: 'stop' });
    }).ended;
    expect(look(home, stopped.id).run).toMatchObject({ state: 'stopped' });
    const store = openStore(databasePath(home));
    trashRuns(store, [parent.id], true);
    await removeRun(store, parent.id);
    rmSync(runFolder(home, parent.id), { recursive: true });
    await train(home, stopped).ended;
    const ended = runById(store, stopped.id) as Run;
    expect(ended.state).toBe('completed');
    expect(lineageOf(store, ended).ancestors).toMatchObject([{ id: parent.id, name: parent.name, task: null, step }]);
    store.close();
    const [a, b] = [alone, stopped].map(({ id }) => look(home, id).series);
    expect(b?.['train/loss']).toEqual(a?.['train/loss']);
    expect(b?.['val/loss']).toEqual(a?.['val/loss']);
  }, 240_000);
});
