/**
 * Makes a dataset's record of any number of images in a store of its own; its paths reach a few real files through
 * linked folders.
 */
import { hash } from 'node:crypto';
import { existsSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { databasePath } from '../../../src/main/base/home';
import { insertDataset, type Dataset } from '../../../src/main/store/datasets';
import { openStore } from '../../../src/main/store/open';

const FILES = 1000;
const CLASSES = 1000;

/** @returns the data folder */
export async function recordOf(folder: string, images: number): Promise<string> {
  const [home, root] = [join(folder, `home-${images}`), join(folder, 'images')];
  mkdirSync(home, { recursive: true });
  mkdirSync(join(root, 'files'), { recursive: true });
  const jpeg = await sharp({ create: { width: 64, height: 64, channels: 3, background: 'navy' } })
    .jpeg()
    .toBuffer();
  for (let file = 0; file < FILES; file++) writeOnce(join(root, 'files', nameOf(file)), jpeg);
  const folders = Math.ceil(images / FILES);
  for (let number = 0; number < folders; number++) link(join(root, folderOf(number)));
  const counts = { train: { only: images }, val: { only: FILES } };
  const dataset: Dataset = {
    ...{ id: 'record', name: 'record', root, format: 'class-folders', created: new Date().toISOString() },
    classes: Array.from({ length: CLASSES }, (_, label) => `class ${label}`),
    record: {
      ...{ counts, formats: { jpeg: images }, problems: {}, excluded: {}, sizes: { smallest: 64, largest: 64 } },
      options: { val_split: 0, seed: 0, exclude_problems: false, exclude_leaks: false, val_drawn: false },
    },
  };
  const store = openStore(databasePath(home));
  insertDataset(store, dataset);
  const insert = store.prepare(
    `INSERT INTO samples (dataset_id, split, path, label, bytes, mtime_ms, sha256, format, width, height, orientation, fast)
      VALUES ('record', ?, ?, ?, ?, ?, ?, 'jpeg', 64, 64, 1, 1)`,
  );
  const times = Array.from({ length: FILES }, (_, file) =>
    Math.floor(statSync(join(root, 'files', nameOf(file))).mtimeMs),
  );
  const sha256 = hash('sha256', jpeg);
  const add = (split: string, image: number): void => {
    const file = image % FILES;
    const path = `${folderOf(Math.floor(image / FILES))}/${nameOf(file)}`;
    insert.run(split, path, image % CLASSES, jpeg.length, times[file], sha256);
  };
  store.transaction(() => {
    for (let image = 0; image < images; image++) add('train', image);
    for (let image = 0; image < FILES; image++) add('val', image);
  })();
  store.close();
  return home;
}

const nameOf = (file: number): string => `ILSVRC2012_train_${String(file).padStart(8, '0')}.JPEG`;
const folderOf = (number: number): string => `n${String(number).padStart(8, '0')}`;

/** Writes a file once: a second writing would change its time, which the earlier record holds. */
function writeOnce(path: string, content: Buffer): void {
  if (!existsSync(path)) writeFileSync(path, content);
}

function link(path: string): void {
  if (!statSync(path, { throwIfNoEntry: false })) symlinkSync('files', path);
}
