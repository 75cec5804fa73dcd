/** The task `mae` as a whole: a run's results, what its numbers do not depend on, and what other programs can check. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { command as evaluateCommand } from '../../src/main/cli/commands/evaluate';
import { databasePath } from '../../src/main/base/home';
import { eventsOf, type RunEvent } from '../../src/main/store/events';
import { openStore } from '../../src/main/store/open';
import type { Dataset } from '../../src/main/store/datasets';
import type { Run } from '../../src/main/store/runs';
import { callOf } from '../support/command-call';
import { engineMissing } from '../support/engine';
import { importFolder, look, newRun, smallSample, temporary, train } from '../support/training';
import { readNpy } from '../support/read-npy';
import { killAndCompare } from './kills';

/**
 * Returns the mean over the masked patches of the mean squared difference.
 * @param first index of the image's first patch; each patch has 48 numbers
 */
function lossOf(prediction: number[], target: number[], mask: number[], first: number): number {
  const errors = mask.flatMap((masked, patch) => {
    const own = (of: number[]): number[] => of.slice((first + patch) * 48, (first + patch + 1) * 48);
    const wanted = own(target);
    return masked ? [own(prediction).reduce((sum, value, at) => sum + (value - wanted[at]!) ** 2, 0) / 48] : [];
  });
  return errors.reduce((sum, error) => sum + error, 0) / errors.length;
}

const MODEL = 'mae_vit_micro_patch4';

describe.skipIf(engineMissing)('a run of a masked autoencoder', () => {
  const home = temporary('mae');
  const photos = smallSample(join(home, 'photos'), 24);
  let dataset: Dataset;
  let run: Run;

  async function completed(data: Dataset, set: string[] = [], epochs = 3): Promise<Run> {
    const made = newRun(home, data, { model: MODEL, epochs, set });
    expect((await train(home, made).ended).code).toBe(0);
    return made;
  }
  const events = (id: string): RunEvent[] => {
    const store = openStore(databasePath(home));
    const found = eventsOf(store, id);
    store.close();
    return found;
  };

  beforeAll(async () => {
    dataset = await importFolder(home, photos, true);
    run = await completed(dataset, ['ema.decay=0.9']);
  });

  it('learns from images without labels under a curriculum, and leaves losses and no accuracy', () => {
    expect(dataset.classes).toEqual([]);
    expect(new Set(run.plan.stages.map(({ bandwidth }) => bandwidth)).size).toBeGreaterThan(1);
    const { series, run: ended } = look(home, run.id);
    expect(ended.state).toBe('completed');
    const names = Object.keys(series).filter((name) => /^(train|val)\//.test(name));
    expect(names.sort()).toEqual(['train/loss', 'val/images', 'val/loss', 'val/loss_ema', 'val/loss_stage']);
    expect(series['train/loss']).toHaveLength(run.plan.totals.steps);
    expect(series['val/images']?.every(({ value }) => value === 24)).toBe(true);
    const losses = series['val/loss']!.map(({ value }) => value!);
    expect(ended.best).toMatchObject({ metric: 'val/loss', value: Math.min(...losses) });
    expect(losses.at(-1)).toBeLessThan(losses[0]!);
    expect(events(run.id).map(({ kind }) => kind)).not.toContain('evaluation_split');
  });

  it('has the same series with three loader workers as with one', async () => {
    const other = await completed(dataset, ['ema.decay=0.9', 'data.workers=3']);
    const [one, three] = [look(home, run.id).series, look(home, other.id).series];
    for (const name of ['train/loss', 'grad_norm', 'val/loss', 'val/loss_ema', 'val/loss_stage'])
      expect(three[name], name).toEqual(one[name]);
  });

  it('is measured on a part of train where there is no split val, and says so', async () => {
    const whole = await importFolder(home, join(photos, 'train'), true);
    const made = await completed(whole, ['mae.target=hog']);
    const { series } = look(home, made.id);
    expect(series['val/images']?.[0]?.value).toBe(96);
    const said = events(made.id).find(({ kind }) => kind === 'evaluation_split');
    expect(said?.message).toContain('no validation split, so this run is measured on 96 of its training images');
    expect(series['val/loss']!.at(-1)!.value).toBeLessThan(series['val/loss']![0]!.value!);
  });

  it('leaves a dump from which its loss can be computed again', async () => {
    const dump = join(home, 'dump');
    const { json } = await evaluateCommand.run(callOf(home, [run.id], { dump, weights: 'raw', checkpoint: 'last' }));
    expect(json).toMatchObject({ count: 24, split: 'val' });
    const array = (name: string) => readNpy(join(dump, `${name}.npy`));
    const [inputs, kept, prediction, target] = ['inputs', 'ids_keep', 'prediction', 'target'].map(array);
    const [mask, loss] = [array('mask'), array('loss')];
    expect([inputs, kept, prediction, target, mask, loss].map((found) => found!.shape)).toEqual([
      [24, 3, 32, 32],
      [24, 16],
      [24, 64, 48],
      [24, 64, 48],
      [24, 64],
      [24],
    ]);
    expect(readFileSync(join(dump, 'files.txt'), 'utf8').trimEnd().split('\n')).toHaveLength(24);
    for (let image = 0; image < 24; image++) {
      const own = mask.values.slice(image * 64, (image + 1) * 64);
      const visible = kept!.values.slice(image * 16, (image + 1) * 16);
      expect([...visible].sort((a, b) => a - b)).toEqual(own.flatMap((masked, patch) => (masked ? [] : [patch])));
      const again = lossOf(prediction!.values, target!.values, own, image * 64);
      expect(Math.abs(again - loss.values[image]!)).toBeLessThan(1e-5);
    }
    const mean = loss.values.reduce((sum, value) => sum + value, 0) / 24;
    expect((json as { loss: number }).loss).toBeCloseTo(mean, 5);
    // The run's own last evaluation had the same masks.
    expect(look(home, run.id).series['val/loss']!.at(-1)!.value).toBeCloseTo(mean, 5);
  });

  it('is bit-equal to an uninterrupted one when it was killed twice and resumed', () =>
    killAndCompare(2, 3, 6, {
      model: MODEL,
      set: ['checkpoint.every_seconds=0.2', 'ema.decay=0.99'],
      data: (where) => importFolder(where, photos, true),
    }));
});
