/** Features and k-NN of a pre-trained run on the command line: figures, files and refusals. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { cliAt, errorOf } from '../support/cli';
import { engineMissing } from '../support/engine';
import { readNpy } from '../support/read-npy';
import { smallSample, temporary } from '../support/training';

const home = temporary('cli-features');
const { cli, json } = cliAt(home);

const lines = (path: string): string[] => readFileSync(path, 'utf8').trimEnd().split('\n');

interface Written {
  path: string;
  names: string;
  feature: string;
  shape: number[];
}

const train = (dataset: string, name: string, model: string, ...more: string[]): Promise<unknown> =>
  json(
    ...['train', '--dataset', dataset, '--model', model, '--preset', 'constant', '--size', '32', '--epochs', '1'],
    ...['--batch', '16', '--name', name, '--set', 'engine.intra_op_threads=2', '--set', 'data.workers=1', ...more],
  );

describe.skipIf(engineMissing)('features of runs', () => {
  const source = temporary('cli-features-data');
  const out = (name: string): string => join(home, name);

  beforeAll(async () => {
    smallSample(source, 8);
    await json('import', source, '--name', 'digits', '--yes');
    await json('import', source, '--unlabelled', '--name', 'pictures', '--yes');
    await train('digits', 'encoder', 'mae_vit_micro_patch4', '--task', 'mae');
    await train('digits', 'classifier', 'resnet_micro');
    await train('pictures', 'blind', 'mae_vit_micro_patch4', '--task', 'mae');
  }, 400_000);

  it('classify val by its neighbours in train, for both tasks', async () => {
    const { knn } = await json<{ knn: Record<string, unknown> }>('evaluate', 'encoder', '--knn');
    expect(knn).toEqual({ top1: expect.any(Number) as number, k: 20, feature: 'cls', train: 32, val: 8 });
    const other = await json<{ knn: Record<string, unknown> }>(
      ...['evaluate', 'encoder', '--knn', '--k', '3', '--feature', 'mean', '--batch', '5', '--checkpoint', 'last'],
    );
    expect(other.knn).toMatchObject({ k: 3, feature: 'mean', train: 32, val: 8 });
    const pooled = await json<{ knn: Record<string, unknown> }>('evaluate', 'classifier', '--knn');
    expect(pooled.knn).toMatchObject({ feature: 'mean', train: 32, val: 8 });
    expect((await cli('evaluate', 'encoder', '--knn')).stdout).toMatch(
      /8 images of val by the 20 nearest of 32.*\nk-NN top-1/,
    );
  });

  it('are voted on in another dataset, where a classifier needs its own classes', async () => {
    const { knn } = await json<{ knn: { val: number } }>('evaluate', 'blind', '--knn', '--dataset', 'digits');
    expect(knn).toMatchObject({ train: 32, val: 8 });
    const again = await json<{ top1: number }>('evaluate', 'classifier', '--dataset', 'digits');
    expect(again.top1).toBe((await json<{ top1: number }>('evaluate', 'classifier')).top1);
    const part = smallSample(temporary('cli-features-part'), 8, ['zero', 'five']);
    await json('import', part, '--name', 'part', '--yes');
    const other = errorOf(await cli('evaluate', 'classifier', '--dataset', 'part', '--json'));
    expect(other).toMatchObject({ code: 'weights_mismatch', what: "Run classifier can't classify part." });
  });

  it('come from encoders, which name no class, and options that would be ignored are refused', async () => {
    const refused = async (...args: string[]): Promise<string> => errorOf(await cli(...args, '--json')).what;
    const picture = join(source, readdirSync(source)[0] as string);
    expect(await refused('predict', 'encoder', picture)).toBe("Run encoder can't name classes.");
    expect(await refused('evaluate', 'encoder', '--model', 'resnet18')).toBe("--model can't be used with a run.");
    const file = join(home, 'w.safetensors');
    writeFileSync(file, '');
    const asked = ['evaluate', file, '--dataset', 'digits', '--model', 'resnet_micro', '--checkpoint', 'last'];
    expect(await refused(...asked)).toBe("--checkpoint can't be used with a weights file.");
    expect(
      await refused('features', 'encoder', 'digits', 'pictures', '--split', 'val', '--out', out('two.npy')),
    ).toContain('takes one dataset with --split, not 2');
    const run = ['train', '--dataset', 'digits', '--model', 'resnet_micro'];
    expect(await refused(...run, '--init-key', 'ema')).toBe("--init-key can't be used without --init.");
    expect(await refused(...run, '--reference', '30')).toBe("--reference can't be used without --dry-run.");
  });

  it('are not voted on where there are no labels, and options that say nothing are refused', async () => {
    const unlabelled = await cli('evaluate', 'blind', '--knn', '--json');
    expect(errorOf(unlabelled)).toMatchObject({ code: 'bad_dataset', what: 'Dataset pictures has no labels.' });
    const split = await cli('evaluate', 'encoder', '--knn', '--split', 'train', '--json');
    expect(errorOf(split).what).toBe("--split can't be used with --knn.");
    const alone = await cli('evaluate', 'encoder', '--k', '3', '--json');
    expect(errorOf(alone).next).toBe('Add --knn.');
    const none = await cli('evaluate', 'classifier', '--knn', '--feature', 'cls', '--json');
    expect(errorOf(none)).toMatchObject({ code: 'usage', what: 'resnet_micro has no feature called cls.' });
  });

  it('of a split are an array in the order of the names', async () => {
    const file = out('train.npy');
    const written = await json<Written>('features', 'encoder', 'digits', '--out', file);
    expect(written).toMatchObject({ path: file, names: out('train.txt'), feature: 'cls', shape: [32, 64] });
    const { shape, values } = readNpy(file);
    expect([shape, values.length]).toEqual([[32, 64], 32 * 64]);
    const names = lines(written.names);
    expect(names).toEqual([...names].sort());
    expect(names).toHaveLength(32);
    // The same images are evaluated one by one, in batches of another size.
    await json('features', 'encoder', ...names.slice(0, 3), '--batch', '2', '--out', out('three.npy'));
    const three = readNpy(out('three.npy'));
    expect(three.shape).toEqual([3, 64]);
    expect(lines(out('three.txt'))).toEqual(names.slice(0, 3));
    three.values.forEach((value, index) => expect(value).toBeCloseTo(values[index]!, 3));
  });

  it('may be maps of a stage, of images without labels, and of another split', async () => {
    const map = await json<Written>(
      'features',
      'classifier',
      'digits',
      '--split',
      'val',
      '--feature',
      'layer2',
      '--out',
      out('map.npy'),
    );
    expect(map.shape).toHaveLength(4);
    expect(map.shape[0]).toBe(8);
    expect(readNpy(out('map.npy')).shape).toEqual(map.shape);
    const blind = await json<Written>(
      'features',
      'blind',
      'pictures',
      '--feature',
      'tokens',
      '--out',
      out('tokens.npy'),
    );
    expect(blind.shape).toEqual([32, 65, 64]);
  });

  it('leave nothing behind where they can not be made', async () => {
    const missing = await cli(
      'features',
      'encoder',
      join(source, 'train/zero'),
      join(source, 'no.jpg'),
      '--out',
      out('x.npy'),
      '--json',
    );
    expect(errorOf(missing).code).toBe('bad_image');
    const unknown = await cli('features', 'encoder', 'no-such', '--out', out('x.npy'), '--json');
    expect(errorOf(unknown).code).toBe('not_found');
    const name = await cli('features', 'encoder', 'digits', '--feature', 'layer9', '--out', out('x.npy'), '--json');
    expect(errorOf(name).what).toBe('mae_vit_micro_patch4 has no feature called layer9.');
    const ending = await cli('features', 'encoder', 'digits', '--out', out('x.csv'), '--json');
    expect(errorOf(ending).next).toContain('.npy');
    expect([out('x.npy'), out('x.npy.part'), out('x.txt')].filter(existsSync)).toEqual([]);
  });
});
