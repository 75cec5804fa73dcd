/**
 * With line breaks and escape sequences in names of files and classes, printed and written output still has one entry
 * for each file.
 */
import { readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { cliAt } from '../support/cli';
import { engineMissing } from '../support/engine';
import { plantImages } from '../support/plant-images';
import { temporary } from '../support/training';

const home = temporary('odd-names');
const source = join(home, 'source');
const { cli } = cliAt(home);

beforeAll(async () => {
  await plantImages(source, { a: 5, 'b\x1b[31m\nred': 5 });
  renameSync(join(source, 'a/2.png'), join(source, 'a/line\nbreak.png'));
  renameSync(join(source, 'a/3.png'), join(source, 'a/"quoted".png'));
});

describe('names with line breaks and escape sequences', () => {
  it('steer no terminal', async () => {
    const { stdout, code } = await cli('import', source, '--name', 'odd', '--val-split', '0.2', '--yes');
    expect(code).toBe(0);
    expect(stdout).toContain('b\\u001b[31m\\nred');
    const wrong = await cli('show', 'no\x1b[2Jrun');
    expect(wrong.stderr).toContain('There is no run no\\u001b[2Jrun.');
    for (const text of [stdout, wrong.stderr, (await cli('datasets', 'show', 'odd', '--json')).stdout])
      expect(text).not.toContain('\x1b[');
  });

  it('are one line each in a list of files', async () => {
    const { stdout } = await cli('datasets', 'files', 'odd');
    const rows = stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t'));
    expect(rows).toHaveLength(10);
    const paths = rows.map(([, , path = '']) => (path.startsWith('"') ? (JSON.parse(path) as string) : path));
    expect(paths).toContain(join(source, 'a/line\nbreak.png'));
    expect(paths).toContain(join(source, 'a/"quoted".png'));
  });

  it.skipIf(engineMissing)('leave as many lines in files.txt as there are rows', async () => {
    const common = ['--dataset', 'odd', '--model', 'deit_micro', '--size', '32', '--epochs', '6', '--batch', '4'];
    const { run } = JSON.parse((await cli('train', ...common, '--json')).stdout) as { run: { id: string } };
    const folder = join(home, 'dump');
    expect((await cli('evaluate', run.id, '--split', 'train', '--dump', folder, '--json')).code).toBe(0);
    const lines = readFileSync(join(folder, 'files.txt'), 'utf8').split('\n');
    expect(lines.pop()).toBe('');
    const labels = readFileSync(join(folder, 'labels.npy'));
    expect(lines).toHaveLength((labels.length - 128) / 8);
    expect(lines.map((line) => (line.startsWith('"') ? (JSON.parse(line) as string) : line)).sort()).toEqual(
      (
        JSON.parse((await cli('datasets', 'files', 'odd', '--json')).stdout) as { files: { train: [string, number][] } }
      ).files.train
        .map(([path]) => path)
        .sort(),
    );
  });
});
