/**
 * Images without labels on the command line: the offer, the import and its JSON, and the commands that such a dataset
 * refuses.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { cliAt, errorOf } from '../support/cli';
import { engineMissing } from '../support/engine';
import { plantImages } from '../support/plant-images';
import { temporary } from '../support/training';

const home = temporary('cli-unlabelled');
const source = join(home, 'pictures');
const { cli, json } = cliAt(home);

interface Imported {
  dataset: { id: string; name: string; classes: string[]; counts: Record<string, Record<string, number>> };
  problems: { kind: string; path: string }[];
}

beforeAll(() => plantImages(source, { 'train/walks': 6, 'train/.': 1, 'val/walks': 2 }));

describe('images without labels', () => {
  it('are refused with the option that takes them where no class folder is found', async () => {
    await plantImages(join(home, 'flat'), { '.': 3 });
    const ended = await cli('import', join(home, 'flat'), '--yes', '--json');
    expect(ended.code).toBe(1);
    const { code, what, next } = errorOf(ended);
    expect([code, what]).toEqual(['bad_dataset', `No class folders were found in ${join(home, 'flat')}.`]);
    expect(next).toContain(`efficienttrain import ${join(home, 'flat')} --unlabelled`);
    expect(await json('datasets')).toEqual({ datasets: [] });
  });

  it('are imported with splits and without classes', async () => {
    const { dataset, problems } = await json<Imported>('import', source, '--unlabelled', '--name', 'walks', '--yes');
    expect(dataset).toMatchObject({
      name: 'walks',
      classes: [],
      counts: { train: { unlabelled: 7 }, val: { unlabelled: 2 } },
    });
    expect(problems).toEqual([]);
    const listed = await json<{ datasets: Imported['dataset'][] }>('datasets');
    expect(listed.datasets[0]).toMatchObject({ id: dataset.id, classes: [], counts: dataset.counts });
    const shown = await json<{ dataset: Imported['dataset'] }>('datasets', 'show', 'walks');
    expect(shown.dataset).toMatchObject({ classes: [], counts: dataset.counts });
    const { files } = await json<{ files: Record<string, [string, number | null][]> }>('datasets', 'files', 'walks');
    expect(files['val']).toEqual([0, 1].map((index) => [join(source, `val/walks/${index}.png`), null]));
  });

  it('are described as such in words', async () => {
    expect((await cli('datasets')).stdout).toMatch(/walks\s+no labels\s+7\s+2/);
    expect((await cli('datasets', 'show', 'walks')).stdout).toMatch(/split +images\n.*\n?train +7\nval +2/);
    expect((await cli('datasets', 'files', 'walks')).stdout).toContain(`val\t\t${join(source, 'val/walks/0.png')}`);
    const { stdout } = await cli('import', source, '--unlabelled', '--dry-run');
    expect(stdout).toContain('9 images, no labels. Nothing wrong was found.');
    expect(stdout).toContain('The folders give the splits: train = train; val = val.');
  });

  it('have a drawn val split only where one is asked for', async () => {
    const train = join(source, 'train');
    const plain = await json<Imported>('import', train, '--unlabelled', '--dry-run');
    expect(plain.dataset.counts).toEqual({ train: { unlabelled: 7 } });
    const drawn = await json<Imported>('import', train, '--unlabelled', '--val-split', '0.3', '--dry-run');
    expect(drawn.dataset.counts).toEqual({ train: { unlabelled: 5 }, val: { unlabelled: 2 } });
    const { stdout } = await cli('import', train, '--unlabelled', '--val-split', '0.3', '--dry-run');
    expect(stdout).toContain('The val split was drawn: 30 % of the images, seed 0.');
  });

  it('may be listed in a table with one column', async () => {
    const list = join(source, 'list.csv');
    writeFileSync(list, `path\n${[0, 1, 2].map((index) => `train/walks/${index}.png`).join('\n')}\n`);
    const refused = await cli('import', list, '--yes', '--json');
    expect(errorOf(refused).next).toContain('--unlabelled');
    const { dataset } = await json<Imported>('import', list, '--unlabelled', '--dry-run');
    expect(dataset).toMatchObject({ classes: [], counts: { train: { unlabelled: 3 } } });
  });

  it.each([
    ['--layout', 'classes', () => source],
    ['--label-column', 'label', () => join(source, 'list.csv')],
  ])('contradict %s', async (option, value, of) => {
    const ended = await cli('import', of(), '--unlabelled', option, value, '--json');
    expect([ended.code, errorOf(ended).what]).toEqual([2, `${option} can't be used with --unlabelled.`]);
  });

  it('train no classifier: it is refused before there is a run', async () => {
    for (const more of [[], ['--dry-run'], ['--detach']]) {
      const ended = await cli(
        'train',
        '--dataset',
        'walks',
        '--model',
        'deit_micro',
        '--size',
        '32',
        ...more,
        '--json',
      );
      expect(ended.code).toBe(1);
      expect(errorOf(ended)).toMatchObject({ code: 'bad_dataset', what: 'Dataset walks has no labels.' });
      expect(errorOf(ended).next).toContain('Choose a dataset with classes.');
    }
    expect(await json('runs')).toEqual({ runs: [] });
  });

  it.skipIf(engineMissing)('measure nothing: weights are not evaluated on them', async () => {
    const weights = join(home, 'weights.safetensors');
    writeFileSync(weights, 'x');
    const ended = await cli('evaluate', weights, '--dataset', 'walks', '--model', 'deit_micro', '--json');
    expect(errorOf(ended)).toMatchObject({
      what: 'Dataset walks has no labels.',
      why: expect.stringContaining('measured'),
    });
  });

  it('are found again where their folder has moved to', async () => {
    const moved = join(home, 'moved');
    renameSync(source, moved);
    await json('datasets', 'locate', 'walks', moved);
    const { files } = await json<{ files: Record<string, [string, number | null][]> }>('datasets', 'files', 'walks');
    expect(files['val']?.[0]).toEqual([join(moved, 'val/walks/0.png'), null]);
  });
});
