/**
 * The whole job of a masked autoencoder on the command line: import without labels, train, evaluate, reconstruct,
 * export.
 */
import { existsSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { jobCall } from '../support/calls';
import { job as batchJob } from '../../src/main/services/jobs/batch';
import { efficienttrain, errorOf, type Ended } from '../support/cli';
import { engineMissing } from '../support/engine';
import { readNpy } from '../support/read-npy';
import { smallSample } from '../support/training';

interface Reconstructed {
  reconstructions: { path: string; loss: number | null; files: Record<string, string>; problem: string | null }[];
}

describe.skipIf(engineMissing)('a masked autoencoder on the command line', () => {
  const home = mkdtempSync(join(tmpdir(), 'efficienttrain-cli-mae-'));
  const photos = smallSample(join(home, 'photos'), 16);
  const picture = join(photos, 'val/zero', readdirSync(join(photos, 'val/zero'))[0]!);
  const cli = (...args: string[]): Promise<Ended> => efficienttrain(args, { home });
  const SHORT = ['--epochs', '2', '--batch', '8', '--set', 'engine.intra_op_threads=2', '--set', 'data.workers=1'];

  async function done<T>(...args: string[]): Promise<T> {
    const ended = await cli(...args, '--json');
    expect([ended.code, ended.code ? ended.stdout : '']).toEqual([0, '']);
    return JSON.parse(ended.stdout) as T;
  }
  const trained = (name: string, ...more: string[]) =>
    done<{ run: { state: string; config: { task: string }; best: { metric: string } } }>(
      ...[
        'train',
        '--task',
        'mae',
        '--dataset',
        'hands',
        '--model',
        'mae_vit_micro_patch4',
        '--name',
        name,
        ...SHORT,
        ...more,
      ],
    );
  const reconstructed = (...args: string[]) => done<Reconstructed>('reconstruct', ...args);
  const pixels = (path: string): Promise<Buffer> => sharp(path).removeAlpha().raw().toBuffer();

  beforeAll(async () => {
    const ended = await cli('import', photos, '--unlabelled', '--name', 'hands', '--yes');
    expect(ended.stdout).toContain('Next: efficienttrain train --task mae --dataset hands --model mae_vit_');
    const { run } = await trained('first');
    expect(run).toMatchObject({ state: 'completed', config: { task: 'mae' }, best: { metric: 'val/loss' } });
  });

  it('is evaluated by its loss', async () => {
    expect(await done('evaluate', 'first')).toEqual({
      ...{
        loss: expect.any(Number) as number,
        count: 16,
        non_finite: 0,
        split: 'val',
        dataset: expect.any(String) as string,
        crop_pct: expect.any(Number) as number,
      },
    });
  });

  it('shows batches without labels by the names of their files', async () => {
    const { images } = await batchJob.run({ run: 'first', step: 0, most: 2 }, jobCall(home));
    for (const { label, path } of images) expect(path.endsWith(`/${label}`)).toBe(true);
  });

  it('reconstructs images as pictures named after them', async () => {
    const bad = join(home, 'bad.png');
    writeFileSync(bad, 'no picture');
    const out = join(home, 'seen');
    const { code, stdout } = await cli('reconstruct', 'first', picture, bad, '--out', out, '--json');
    const { reconstructions } = JSON.parse(stdout) as Reconstructed;
    expect(code).toBe(1);
    expect(reconstructions[1]).toMatchObject({ loss: null, files: {}, problem: expect.any(String) as string });
    const { loss, files } = reconstructions[0]!;
    expect(loss).toBeGreaterThan(0);
    expect(Object.keys(files)).toEqual(['original', 'masked', 'prediction', 'prediction_visible', 'error']);
    const [original, masked, , visible, error] = await Promise.all(Object.values(files).map(pixels));
    expect(original).toHaveLength(32 * 32 * 3);
    // Without masks every result except the prediction equals the original, and no error is counted.
    const kept = Array.from(error!.keys()).filter(
      (at) => visible![at] === original![at] && masked![at] === original![at],
    );
    expect(kept.length).toBeGreaterThanOrEqual((32 * 32 * 3) / 4);
    expect(masked!.filter((value) => value === 128).length).toBeGreaterThanOrEqual((32 * 32 * 3 * 3) / 4);
    expect(Math.max(...error!)).toBe(255);
  });

  it('draws other masks from another seed, and the same from the same', async () => {
    const losses: (number | null)[] = [];
    for (const seed of ['1', '2', '1']) {
      const { reconstructions } = await reconstructed(
        'first',
        picture,
        '--out',
        join(home, `seed-${seed}`),
        '--seed',
        seed,
      );
      losses.push(reconstructions[0]!.loss);
    }
    expect(losses[2]).toBe(losses[0]);
    expect(losses[1]).not.toBe(losses[0]);
  });

  it('of histograms leaves numbers, and strokes to look at', async () => {
    await trained('gradients', '--set', 'mae.target=hog');
    const { reconstructions } = await reconstructed('gradients', picture, '--out', join(home, 'hog'));
    const { files } = reconstructions[0]!;
    expect(Object.keys(files)).toEqual([
      ...['original', 'masked', 'error', 'prediction_glyphs', 'target_glyphs', 'prediction', 'target'],
    ]);
    for (const shown of ['prediction_glyphs', 'target_glyphs'])
      expect(await sharp(files[shown]).metadata()).toMatchObject({ format: 'png', width: 8 * 32, height: 8 * 32 });
    expect((await pixels(files['target_glyphs']!)).some((value) => value > 128)).toBe(true);
    const [prediction, target] = [readNpy(files['prediction']!), readNpy(files['target']!)];
    expect([prediction.shape, target.shape]).toEqual([
      [64, 27],
      [64, 27],
    ]);
    expect(target.values.every((value) => value >= 0 && value <= 1 + 1e-6)).toBe(true);
  });

  it('is exported', async () => {
    const out = join(home, 'exported');
    await done('export', 'first', '--out', out);
    expect(readdirSync(out).sort()).toEqual(['README.md', 'config.json', 'export.json', 'model.safetensors']);
  });

  it('is the only kind of run that reconstructs', async () => {
    await done('import', photos, '--name', 'labelled', '--yes');
    await done(
      'train',
      '--dataset',
      'labelled',
      '--model',
      'resnet_micro',
      '--size',
      '32',
      '--name',
      'classes',
      ...SHORT,
    );
    const ended = await cli('reconstruct', 'classes', picture, '--out', join(home, 'x'), '--json');
    expect(errorOf(ended)).toMatchObject({
      what: 'Run classes reconstructs nothing.',
      next: expect.stringContaining('mae'),
    });
    expect(existsSync(join(home, 'x'))).toBe(false);
    const missing = await cli('reconstruct', 'first', picture, '--json');
    expect(errorOf(missing).what).toBe('reconstruct needs --out DIR.');
  });
});
