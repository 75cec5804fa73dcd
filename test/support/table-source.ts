/** Makes folders of twelve small images and a table, for tests of table reading. */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import type { TableReading } from '../../src/shared/contract/table';
import type { Problem } from '../../src/main/engine/data/scan/entries';
import { scanned } from './review-folder';
import { temporary } from './training';

export const IMAGES = 12;
export const CLASSES = ['cat', 'dog', 'bird'] as const;
export const imageName = (index: number): string => `img${String(index).padStart(2, '0')}.png`;

let images: Promise<string> | null = null;

async function drawImages(): Promise<string> {
  const folder = temporary('images');
  for (let index = 0; index < IMAGES; index++) {
    const pixels = Uint8Array.from({ length: 16 * 16 * 3 }, (_, at) => Math.sin(at * (index + 1) * 0.7) * 120 + 128);
    await sharp(pixels, { raw: { width: 16, height: 16, channels: 3 } })
      .png()
      .toFile(join(folder, imageName(index)));
  }
  return folder;
}

/** Makes a folder with the images under other names, each distinct. */
export async function imageFolder(nameOf: (index: number) => string = imageName): Promise<string> {
  images ??= drawImages();
  const [from, folder] = [await images, temporary('table')];
  for (let index = 0; index < IMAGES; index++) {
    const to = join(folder, nameOf(index));
    mkdirSync(dirname(to), { recursive: true });
    copyFileSync(join(from, imageName(index)), to);
  }
  return folder;
}

export interface TableRead {
  classes: string[];
  counts: Record<string, Record<string, number>>;
  valDrawn: boolean;
  /**
   * Returns the table's problems, without look-alikes, which these images may be, and without problems of the classes.
   */
  problems: Problem[];
  images: number;
}

/** Writes a table beside the images and imports it. */
export async function importTable(
  content: string | Buffer,
  { folder, file = 'labels.csv', ...read }: { folder?: string; file?: string } & TableReading = {},
): Promise<TableRead> {
  const source = join(folder ?? (await imageFolder()), file);
  writeFileSync(source, content);
  const { dataset, problems } = await scanned({ source, home: temporary('home'), read: { table: read } });
  const { counts, options } = dataset.record;
  return {
    ...{ classes: dataset.classes, counts, valDrawn: options.val_drawn },
    problems: problems.filter(({ kind }) => kind !== 'near_duplicate' && !/class|empty_split/.test(kind)),
    images: Object.values(counts).reduce(
      (sum, split) => sum + Object.values(split).reduce((all, count) => all + count, 0),
      0,
    ),
  };
}

/** Returns the lines of a table, one for each image. */
export const lines = (line: (index: number) => string, header = 'path,label'): string =>
  [...(header ? [header] : []), ...Array.from({ length: IMAGES }, (_, index) => line(index))].join('\n') + '\n';

/** Returns such lines of a path and a label. */
export const labelled = (header = 'path,label', separator = ','): string =>
  lines((index) => [imageName(index), CLASSES[index % 3]].join(separator), header);
