/** Import of trees with every kind of problem, through the service and through the real command line. */
import { spawn, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import sharp from 'sharp';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Problem } from '../../../src/main/engine/data/scan/entries';
import { entryPath } from '../../../src/main/base/entry';
import { databasePath } from '../../../src/main/base/home';
import { locateDataset, verifyDataset } from '../../../src/main/services/datasets/dataset-files';
import { loadSampleTable, removeDataset } from '../../../src/main/services/datasets/datasets';
import type { Review } from '../../../src/main/services/datasets/imports';
import { findDataset, listDatasets } from '../../../src/main/store/datasets';
import { openStore } from '../../../src/main/store/open';
import { reviewFolder } from '../../support/review-folder';
import { importFolder, smallSample, temporary } from '../../support/training';
import { sharedData, sharedDataMissing } from '../../support/shared-data';

let source: string;
let home: string;
beforeEach(() => {
  source = temporary('tree');
  home = temporary('home');
});

/** Number of images made so far. Each image is photograph-like and differs from the others. */
let drawn = 0;
async function image(path: string, format: 'jpeg' | 'png' = 'jpeg'): Promise<void> {
  const seed = ++drawn;
  const pixels = Uint8Array.from(
    { length: 32 * 32 * 3 },
    (_, at) => (Math.sin(at * 0.013 * seed) + Math.cos((at % 97) * seed)) * 60 + 128,
  );
  mkdirSync(join(source, path, '..'), { recursive: true });
  writeFileSync(
    join(source, path),
    await sharp(pixels, { raw: { width: 32, height: 32, channels: 3 } })
      .toFormat(format)
      .toBuffer(),
  );
}

async function images(folder: string, count: number): Promise<void> {
  for (let index = 0; index < count; index++) await image(join(folder, `${index}.jpg`));
}

const review = ({
  problems = false,
  leaks = false,
  valSplit = 0.2,
  seed = 0,
  from = source,
}: { problems?: boolean; leaks?: boolean; valSplit?: number; seed?: number; from?: string } = {}): Promise<Review> =>
  reviewFolder({ source: from, home, valSplit, seed, exclude: { problems, leaks } });

const kinds = (problems: readonly Problem[], kind: string): string[] =>
  problems.filter((problem) => problem.kind === kind).map(({ path }) => path);

/** Lists every file with its size and time. */
function snapshot(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const { size, mtimeMs } = statSync(path);
      return `${relative(folder, path)} ${size} ${mtimeMs}`;
    })
    .sort();
}

describe('splits and classes', () => {
  it('folders of splits, whatever they are called; classes sorted; sub-folders belong to the class', async () => {
    for (const split of ['train', 'validation', 'test'])
      for (const name of ['b', 'a']) await images(join(split, name), 2);
    await image('train/a/deep/er/x.jpg');
    const { dataset, discard } = await review();
    discard();
    expect(dataset.classes).toEqual(['a', 'b']);
    expect(dataset.record.counts).toEqual({ train: { a: 3, b: 2 }, val: { a: 2, b: 2 }, test: { a: 2, b: 2 } });
  });

  it('a flat folder: the val split is drawn, stratified, seeded, copies on one side', async () => {
    await images('a', 10);
    await images('b', 5);
    cpSync(join(source, 'a', '0.jpg'), join(source, 'a', 'copy.jpg'));
    const draw = async (seed: number): Promise<string[]> => {
      const made = await review({ seed });
      const paths = [...made.problems].map(({ kind }) => kind);
      expect(paths).not.toContain('leak');
      const store = openStore(databasePath(home));
      made.commit(store);
      const table = loadSampleTable(store, made.dataset, 'val');
      store.close();
      expect(made.dataset.record.counts['val']).toMatchObject({ b: 1 });
      return Array.from({ length: table.count }, (_, index) =>
        Buffer.from(table.paths.slice(table.pathOffsets[index], table.pathOffsets[index + 1])).toString(),
      );
    };
    expect(await draw(3)).toEqual(await draw(3));
    expect(await draw(3)).not.toEqual(await draw(4));
  });

  it('a table: quotes, header, split, files that are missing or named twice', async () => {
    await images('pictures', 6);
    const rows = [
      'path,label,split',
      '"pictures/0.jpg",cat,train',
      'pictures/1.jpg,"dog, small",train',
      'pictures/2.jpg,cat,val',
      'pictures/3.jpg,"dog, small",valid',
      'pictures/0.jpg,cat,train',
      'pictures/9.jpg,cat,train',
      'pictures/4.jpg,,train',
      'pictures/5.jpg,cat,sideways',
    ];
    writeFileSync(join(source, 'labels.csv'), `\uFEFF${rows.join('\r\n')}\r\n`);
    const { dataset, problems, discard } = await review({ from: join(source, 'labels.csv') });
    discard();
    expect(dataset.record.counts).toEqual({ train: { cat: 1, 'dog, small': 1 }, val: { cat: 1, 'dog, small': 1 } });
    expect(kinds(problems, 'unreadable')).toEqual(['pictures/9.jpg']);
    expect(problems.map(({ reason }) => reason).join()).toMatch(/Line 6.*Line 8|Line 8.*Line 6/);
  });

  it('nothing to train on is refused, saying what was found', async () => {
    writeFileSync(join(source, 'notes.txt'), 'x');
    mkdirSync(join(source, 'a'));
    for (const name of ['0', '1', '2', '3']) writeFileSync(join(source, 'a', `${name}.jpg`), 'no image');
    await expect(review()).rejects.toMatchObject({
      code: 'bad_dataset',
      why: expect.stringMatching(
        /: 1 ignored, 4 not_an_image\. The first reasons: a\/0\.jpg: .+ a\/2\.jpg: [^:]+$/,
      ) as string,
    });
    await expect(review({ from: join(source, 'missing') })).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('problems', () => {
  /** Makes a tree with one of each kind. */
  async function everything(): Promise<void> {
    for (const split of ['train', 'val']) for (const name of ['a', 'b']) await images(join(split, name), 4);
    const at = (path: string): string => join(source, path);
    writeFileSync(at('train/a/empty.jpg'), '');
    writeFileSync(at('train/a/text.jpg'), 'not an image');
    writeFileSync(at('train/a/cut.jpg'), readFileSync(at('train/a/0.jpg')).subarray(0, 600));
    writeFileSync(at('train/a/.hidden.jpg'), readFileSync(at('train/a/0.jpg')));
    writeFileSync(at('train/a/Thumbs.db'), 'x');
    mkdirSync(at('train/a/.ipynb_checkpoints'));
    symlinkSync(at('train/a/nowhere.jpg'), at('train/a/broken.jpg'));
    symlinkSync(at('train/a'), at('train/a/loop'));
    cpSync(at('train/a/1.jpg'), at('train/a/1-copy.jpg'));
    cpSync(at('train/a/2.jpg'), at('train/b/2-other.jpg'));
    cpSync(at('val/b/3.jpg'), at('train/b/3-leak.jpg'));
  }

  it('each is found with its reason, and the source is not touched', async () => {
    await everything();
    const before = snapshot(source);
    const { dataset, problems, discard } = await review();
    discard();
    expect(kinds(problems, 'empty')).toEqual(['train/a/empty.jpg']);
    expect(kinds(problems, 'not_an_image')).toEqual(['train/a/text.jpg']);
    expect(kinds(problems, 'truncated')).toEqual(['train/a/cut.jpg']);
    expect(kinds(problems, 'ignored')).toEqual([
      'train/a/.hidden.jpg',
      'train/a/.ipynb_checkpoints',
      'train/a/Thumbs.db',
    ]);
    expect(kinds(problems, 'broken_link')).toEqual(['train/a/broken.jpg']);
    expect(kinds(problems, 'link_loop')).toEqual(['train/a/loop']);
    expect(kinds(problems, 'duplicate')).toEqual(['train/a/1.jpg']);
    expect(kinds(problems, 'label_conflict')).toEqual(['train/a/2.jpg', 'train/b/2-other.jpg']);
    expect(kinds(problems, 'leak')).toEqual(['train/b/3-leak.jpg']);
    expect(problems.every(({ reason }) => reason.length > 8)).toBe(true);
    expect(dataset.record.counts).toEqual({ train: { a: 5, b: 6 }, val: { a: 4, b: 4 } });
    expect(snapshot(source)).toEqual(before);
    expect(readdirSync(join(home, 'tmp'))).toEqual([]);
  });

  it('--exclude-problems drops copies and conflicts, --exclude-leaks the train copy', async () => {
    await everything();
    const left = async (options: { problems?: boolean; leaks?: boolean }): Promise<unknown> => {
      const made = await review(options);
      made.discard();
      return made.dataset.record;
    };
    expect(await left({ problems: true })).toMatchObject({
      counts: { train: { a: 3, b: 5 }, val: { a: 4, b: 4 } },
      excluded: { duplicate: 1, label_conflict: 2 },
    });
    expect(await left({ leaks: true })).toMatchObject({
      counts: { train: { a: 5, b: 5 }, val: { a: 4, b: 4 } },
      excluded: { leak: 1 },
    });
  });

  it('a re-encoded copy is a near-duplicate, across splits too', async () => {
    smallSample(source, 4);
    const [first = ''] = readdirSync(join(source, 'train/one')).sort();
    const again = await sharp(readFileSync(join(source, 'train/one', first)))
      .resize(90)
      .jpeg({ quality: 60 })
      .toBuffer();
    writeFileSync(join(source, 'val/one/again.jpg'), again);
    const { problems, discard } = await review();
    discard();
    expect(problems.find(({ kind, path }) => kind === 'near_duplicate' && path === 'val/one/again.jpg')).toMatchObject({
      others: [`train/one/${first}`],
      reason: expect.stringContaining('another split') as string,
    });
  });

  it('hundreds of copies in other sizes are all near-duplicates', async () => {
    smallSample(source, 1);
    const [first = ''] = readdirSync(join(source, 'train/one'));
    const photograph = sharp(readFileSync(join(source, 'train/one', first)));
    for (let index = 0; index < 230; index++) {
      const copy = await photograph
        .clone()
        .resize(70 + index, 70 + index)
        .png({ compressionLevel: 1 })
        .toBuffer();
      writeFileSync(join(source, `train/one/copy${String(index).padStart(3, '0')}.png`), copy);
    }
    const { problems, discard } = await review();
    discard();
    const alike = problems.filter(({ kind, path }) => kind === 'near_duplicate' && path.startsWith('train/one/'));
    expect(alike.length).toBe(230);
    expect(alike.every(({ others }) => others?.length)).toBe(true);
  });

  it('an abort leaves nothing behind', async () => {
    await images('train/a', 30);
    await images('val/a', 4);
    const controller = new AbortController();
    const scanning = reviewFolder({
      ...{ source, home, signal: controller.signal, valSplit: 0.2 },
      onProgress: () => controller.abort(new Error('stopped')),
    });
    await expect(scanning).rejects.toThrow('stopped');
    expect(readdirSync(join(home, 'tmp'))).toEqual([]);
    expect(existsSync(databasePath(home))).toBe(false);
  });
});

describe('after an import', () => {
  it('changed, missing and moved files are noticed; a moved folder is located, a wrong one refused', async () => {
    smallSample(join(source, 'data'), 8);
    const dataset = await importFolder(home, join(source, 'data'));
    const store = openStore(databasePath(home));
    await verifyDataset(store, dataset);
    const file = join(source, 'data/train/one', readdirSync(join(source, 'data/train/one'))[0] as string);
    const { atime, mtime } = statSync(file);
    utimesSync(file, atime, new Date(mtime.getTime() + 5000));
    expect(await verifyDataset(store, dataset)).toBe(1);
    expect(await verifyDataset(store, dataset)).toBe(0);
    utimesSync(file, atime, mtime);
    renameSync(join(source, 'data'), join(source, 'moved'));
    await expect(verifyDataset(store, dataset)).rejects.toMatchObject({
      code: 'dataset_missing',
      next: expect.stringContaining('datasets locate') as string,
    });
    await expect(locateDataset(store, dataset, source)).rejects.toMatchObject({ code: 'dataset_changed' });
    await locateDataset(store, dataset, join(source, 'moved'));
    const found = findDataset(store, dataset.id);
    await verifyDataset(store, found);
    appendFileSync(join(source, 'moved', relative(join(source, 'data'), file)), 'x');
    rmSync(join(source, 'moved/val/two'), { recursive: true });
    await expect(verifyDataset(store, found)).rejects.toMatchObject({
      code: 'dataset_changed',
      why: expect.stringMatching(/2 files are gone.*1 files have changed/) as string,
    });
    removeDataset(store, found, false);
    expect(listDatasets(store)).toEqual([]);
    store.close();
  });
});

describe('the command', () => {
  const cli = (...args: string[]): { status: number | null; json: Record<string, never> } => {
    const { status, stdout } = spawnSync(process.execPath, [entryPath('cli'), ...args, '--json', '--home', home], {
      encoding: 'utf8',
    });
    return { status, json: JSON.parse(stdout) as Record<string, never> };
  };

  it('import and datasets answer with the documented keys and exit codes', async () => {
    for (const split of ['train', 'val']) await images(join(split, 'a'), 3);
    writeFileSync(join(source, 'train/a/empty.jpg'), '');
    const dry = cli('import', source, '--dry-run');
    expect(dry.status).toBe(0);
    expect(cli('datasets').json).toEqual({ datasets: [] });
    const made = cli('import', source, '--name', 'tree');
    expect(made).toMatchObject({
      status: 0,
      json: {
        dataset: { name: 'tree', classes: ['a'], counts: { train: { a: 3 }, val: { a: 3 } } },
        problems: [
          { path: 'train/a/empty.jpg', kind: 'empty' },
          { path: 'a', kind: 'only_class' },
        ],
      },
    });
    expect(cli('import', source, '--name', 'tree').json).toMatchObject({ dataset: { name: 'tree-2' } });
    expect(cli('datasets', 'show', 'tree').json).toMatchObject({
      dataset: { name: 'tree' },
      problems: [{ kind: 'empty' }, { kind: 'only_class' }],
      runs: [],
    });
    expect(cli('import', temporary('nothing'))).toMatchObject({ status: 1, json: { error: { code: 'bad_dataset' } } });
    expect(cli('import')).toMatchObject({ status: 2, json: { error: { code: 'usage' } } });
  });

  it('killed in the middle it leaves no half dataset, and the next import clears up', async () => {
    await images('train/a', 40);
    await images('val/a', 4);
    const child = spawn(process.execPath, [entryPath('cli'), 'import', source, '--yes', '--home', home]);
    child.stdout.once('data', () => child.kill('SIGKILL'));
    await new Promise((resolve) => child.on('exit', resolve));
    expect(cli('datasets').json).toEqual({ datasets: [] });
    expect(cli('import', source).status).toBe(0);
    expect(readdirSync(join(home, 'tmp'))).toEqual([]);
  });
});

if (sharedDataMissing) console.log(`skipped: ${sharedDataMissing}`);
describe.skipIf(sharedDataMissing)('real photographs', () => {
  it('the known flaws of the flowers are found', async () => {
    const { dataset, problems, discard } = await review({ from: sharedData('flowers'), leaks: true });
    discard();
    expect(kinds(problems, 'leak')).toEqual(['train/tulip/17104364030_ee31ee279b_n.jpg']);
    expect(kinds(problems, 'label_conflict')).toHaveLength(4);
    expect(kinds(problems, 'duplicate')).toHaveLength(1);
    expect(Object.values(dataset.record.counts['train'] ?? {})).toEqual([150, 150, 150, 150, 149]);
  });
});
