/** The k-NN accuracy of a pre-training run's own evaluations: where it is recorded, as the best, and through kills. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Dataset } from '../../src/main/store/datasets';
import { reconcileRuns, type Run } from '../../src/main/store/runs';
import { engineMissing } from '../support/engine';
import { reviewFolder } from '../support/review-folder';
import { importFolder, look, newRun, smallSample, temporary, train } from '../support/training';
import { withStore } from '../support/with-store';

const home = temporary('knn');
const data = smallSample(temporary('knn-data'), 24);
const SET = ['eval.every=1', 'checkpoint.every_seconds=0.2', 'ema.decay=0.99'];
let labelled: Dataset;
let unlabelled: Dataset;

const pretraining = (dataset: Dataset, ...set: string[]): Run =>
  newRun(home, dataset, { model: 'mae_vit_micro_patch4', epochs: 4, set: [...SET, ...set] });

async function importUnlabelled(): Promise<Dataset> {
  const review = await reviewFolder({ home, source: data, read: { unlabelled: true }, valSplit: 0 });
  withStore(home, (store) => review.commit(store));
  return review.dataset;
}

describe.skipIf(engineMissing)('k-NN accuracy while pre-training', () => {
  beforeAll(async () => {
    labelled = await importFolder(home, data);
    unlabelled = await importUnlabelled();
  });

  it('is a figure of every evaluation where there are labels, and of none where there are not', async () => {
    const [run, blind] = [pretraining(labelled), pretraining(unlabelled)];
    expect((await train(home, run).ended).code).toBe(0);
    expect((await train(home, blind).ended).code).toBe(0);
    const { series, run: ended } = look(home, run.id);
    const steps = series['val/loss']?.map(({ step }) => step);
    expect(steps?.length).toBeGreaterThan(2);
    expect(series['val/knn_top1']?.map(({ step }) => step)).toEqual(steps);
    for (const { value } of series['val/knn_top1'] ?? []) expect(value).toBeGreaterThan(0.25);
    // It is measured only for the raw weights at the final size.
    expect(Object.keys(series).filter((name) => name.includes('knn'))).toEqual(['val/knn_top1']);
    expect(ended.best?.metric).toBe('val/loss');
    expect(Object.keys(look(home, blind.id).series)).not.toContain('val/knn_top1');
  });

  it('is the same to the last bit where the run is killed, and chooses the best checkpoint where it is asked to', async () => {
    const alone = pretraining(labelled, 'eval.best=val/knn_top1');
    expect((await train(home, alone).ended).code).toBe(0);
    const killed = pretraining(labelled, 'eval.best=val/knn_top1');
    let kills = 0;
    for (let life = 0; life < 3; life++) {
      let evaluations = 0;
      const trainer = train(home, killed, (message) => {
        // The kill comes within the second evaluation of each of two lives.
        if (life < 2 && message.type === 'progress' && message.activity === 'evaluating' && ++evaluations === 2)
          trainer.kill();
      });
      if ((await trainer.ended).signal === 'SIGKILL') kills++;
      withStore(home, reconcileRuns);
    }
    expect(kills).toBeGreaterThan(0);
    const [expected, actual] = [look(home, alone.id), look(home, killed.id)];
    expect(actual.run.state).toBe('completed');
    for (const name of ['train/loss', 'val/loss', 'val/knn_top1'])
      expect(actual.series[name], name).toEqual(expected.series[name]);
    expect(actual.run.best).toEqual(expected.run.best);
    const values = expected.series['val/knn_top1']?.map(({ value }) => value ?? 0) ?? [];
    expect(expected.run.best).toMatchObject({ metric: 'val/knn_top1', value: Math.max(...values) });
  });

  it('is not chosen for the best where it would not be measured', () => {
    expect(() => pretraining(unlabelled, 'eval.best=val/knn_top1')).toThrow(
      /eval.best can't be val\/knn_top1 on dataset/,
    );
    expect(() => pretraining(labelled, 'eval.best=val/top1')).toThrow(/eval.best can't be val\/top1/);
    expect(() => newRun(home, labelled, { set: ['eval.best=val/knn_top1'] })).toThrow(/eval.best/);
  });
});
