/**
 * Folders as people have them: other files beside the splits, folders of tools, truncated files, and folders without
 * permission.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import sharp, { type FormatEnum } from 'sharp';
import { beforeEach, expect, it } from 'vitest';
import { entryPath } from '../../../src/main/base/entry';
import type { LayoutReading } from '../../../src/shared/contract/layout';
import type { Review } from '../../../src/main/services/datasets/imports';
import { reviewFolder } from '../../support/review-folder';
import { tinyDataset } from '../../support/tiny-dataset';
import { temporary } from '../../support/training';

let source: string;
let home: string;
beforeEach(() => {
  source = temporary('folders');
  home = temporary('home');
});

const scan = (layout?: LayoutReading): Promise<Review> =>
  reviewFolder({ source, home, read: layout ? { layout } : {} });

function put(path: string, content: string | Buffer): void {
  mkdirSync(dirname(join(source, path)), { recursive: true });
  writeFileSync(join(source, path), content);
}

it('what lies beside train and val is no class, and is listed', async () => {
  for (const split of ['train', 'Val']) await tinyDataset(join(source, split), 4);
  put('annotations/red/boxes.json', '{}');
  const { dataset, problems, discard } = await scan();
  discard();
  expect(dataset.classes).toEqual(['blue', 'green', 'red']);
  expect(Object.keys(dataset.record.counts).sort()).toEqual(['train', 'val']);
  expect(problems).toContainEqual({
    kind: 'ignored',
    path: 'annotations/red/boxes.json',
    reason: 'It is in none of the folders train, val and test.',
  });
});

it('a class may be called train, where a person says that the folders are classes', async () => {
  await tinyDataset(source, 4);
  cpSync(join(source, 'red'), join(source, 'train'), { recursive: true });
  await expect(scan()).rejects.toThrow('It is not clear whether the folders');
  const { dataset, discard } = await scan('classes');
  discard();
  expect(dataset.classes).toEqual(['blue', 'green', 'red', 'train']);
});

it('every file of a folder that is skipped is named', async () => {
  await tinyDataset(source, 4);
  put('red/.ipynb_checkpoints/a.png', 'x');
  put('red/.ipynb_checkpoints/deep/b.png', 'x');
  put('.git/config', 'x');
  mkdirSync(join(source, '.empty'));
  const { dataset, problems, discard } = await scan();
  discard();
  expect(problems.map(({ path, reason }) => [path, reason])).toEqual([
    ['.empty', 'It is hidden.'],
    ['.git/config', 'It is in .git. It is hidden.'],
    ['red/.ipynb_checkpoints/a.png', 'It is in red/.ipynb_checkpoints. It belongs to Jupyter.'],
    ['red/.ipynb_checkpoints/deep/b.png', 'It is in red/.ipynb_checkpoints. It belongs to Jupyter.'],
  ]);
  expect(dataset.record.problems).toEqual({ ignored: 4 });
});

it('a file cut short is found in every format, with a reason of its own', async () => {
  await tinyDataset(source, 4, 64);
  const whole = sharp(readFileSync(join(source, 'red/0.png')));
  for (const format of ['jpeg', 'png', 'webp', 'gif', 'tiff'] as (keyof FormatEnum)[]) {
    const bytes = await whole.clone().toFormat(format, { compression: 'none' }).toBuffer();
    put(`red/whole.${format}`, bytes);
    put(`red/half.${format}`, bytes.subarray(0, bytes.length >> 1));
  }
  const { problems, discard } = await scan();
  discard();
  const cut = problems.filter(({ kind }) => kind === 'truncated');
  expect(cut.map(({ path, reason }) => [path, /^Its (\w+) data /.exec(reason)?.[1]])).toEqual([
    ['red/half.gif', 'GIF'],
    ['red/half.jpeg', 'JPEG'],
    ['red/half.png', 'PNG'],
    ['red/half.tiff', 'TIFF'],
    ['red/half.webp', 'WebP'],
  ]);
});

const mayBecome = process.getuid?.() === 0 && spawnSync('setpriv', ['--version']).status === 0;
const isOther = process.getuid?.() !== 0;
if (!mayBecome && !isOther)
  console.log('skipped: root reads everything, and there is no setpriv to become somebody else');
it.skipIf(!mayBecome && !isOther)(
  'a file or source without permission is listed, or refused in one sentence',
  async () => {
    await tinyDataset(source, 4);
    chmodSync(join(source, 'red/0.png'), 0);
    for (const folder of [source, home]) chmodSync(folder, 0o777);
    const become = mayBecome ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : ['env'];
    const cli = (from: string): Record<string, never> => {
      const [command = '', ...rest] = [
        ...become,
        process.execPath,
        entryPath('cli'),
        'import',
        from,
        '--home',
        home,
        '--json',
      ];
      return JSON.parse(spawnSync(command, rest, { encoding: 'utf8' }).stdout) as Record<string, never>;
    };
    expect(cli(source)).toMatchObject({
      problems: [{ kind: 'unreadable', path: 'red/0.png', reason: "It can't be read: permission denied." }],
    });
    chmodSync(join(source, 'red'), 0);
    expect(cli(join(source, 'red'))).toMatchObject({
      error: { code: 'bad_dataset', why: "It can't be read: permission denied." },
    });
    chmodSync(join(source, 'red'), 0o755);
  },
);
