/** The processes that inspect files for a scan: their findings, and the scan's result when one of them dies. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { beforeEach, describe, expect, it } from 'vitest';
import { probeImage } from '../../../src/main/engine/data/decode/decode';
import { plainJpegSize } from '../../../src/main/engine/data/decode/jpeg-header';
import { foundOf, type Told } from '../../../src/main/engine/data/scan/batch';
import { inspectAll, type ToInspect } from '../../../src/main/engine/data/scan/reader-pool';
import { entryPath } from '../../../src/main/base/entry';
import { temporary } from '../../support/training';

let root: string;
beforeEach(() => {
  root = temporary('readers');
});

const noise = { type: 'gaussian', mean: 120, sigma: 50 } as const;
const photograph = (width: number, height: number): Sharp =>
  sharp({ create: { width, height, channels: 3, background: 'grey', noise } });

async function scanned(
  paths: string[],
  file = entryPath('scan-reader'),
  readers = 2,
): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  const waiting = paths.map((path, id): ToInspect => ({ id, path, known: null }));
  const files = { count: paths.length, isWhole: true, onMore: () => undefined, next: () => waiting.shift() ?? null };
  await inspectAll(files, {
    ...{ file, readers, root, signal: new AbortController().signal },
    onFound: (batch, told) => {
      for (const [at, { path }] of batch.entries()) {
        const file = foundOf(told[at] as Told);
        found[path] = 'kind' in file ? file.kind : [file.width, file.height];
      }
    },
    onCrash: ({ path }, { reason }) => (found[path] = reason),
  });
  return found;
}

describe('readers', () => {
  it('answer for every file, whatever it is', async () => {
    const expected: Record<string, unknown> = {};
    for (let index = 0; index < 60; index++) {
      const path = `${index}.${index % 3 ? 'jpg' : 'png'}`;
      expected[path] = [20 + index, 31];
      writeFileSync(
        join(root, path),
        await photograph(20 + index, 31)
          .toFormat(index % 3 ? 'jpeg' : 'png')
          .toBuffer(),
      );
    }
    writeFileSync(join(root, 'cut.jpg'), readFileSync(join(root, '1.jpg')).subarray(0, 500));
    writeFileSync(join(root, 'empty.jpg'), '');
    mkdirSync(join(root, 'folder.jpg'));
    Object.assign(expected, {
      'cut.jpg': 'truncated',
      'empty.jpg': 'empty',
      'folder.jpg': 'unreadable',
      'gone.jpg': 'unreadable',
    });
    expect(await scanned(Object.keys(expected))).toEqual(expected);
    expect(await scanned([])).toEqual({});
  });

  it('that end by themselves cost one file, which is named', async () => {
    const file = join(root, 'reader.mjs');
    writeFileSync(
      file,
      `process.on('message', ({ id, paths }) => {
        if (paths.includes('bad')) process.kill(process.pid, 'SIGSEGV');
        else process.send({ id, texts: paths.map(() => '{"kind":"empty"}'), looks: new Uint8Array(0), looked: paths.map(() => 0) });
      });
      process.on('disconnect', () => process.exit());
      process.send('ready');`,
    );
    const paths = Array.from({ length: 40 }, (_, index) => (index === 17 ? 'bad' : String(index)));
    const found = await scanned(paths, file);
    expect(Object.keys(found).sort()).toEqual([...paths].sort());
    expect(found['bad']).toBe('Decoding it ended the process that did so (SIGSEGV).');
    expect(Object.values(found).filter((kind) => kind === 'empty')).toHaveLength(39);
  });

  it('that cannot start fail the scan, and those that say that they failed too', async () => {
    const file = join(root, 'reader.mjs');
    writeFileSync(file, 'process.exit(3);');
    await expect(scanned(['a', 'b'], file)).rejects.toThrow('ended unexpectedly with exit code 3');
    writeFileSync(
      file,
      `process.on('message', ({ id }) => process.send({ id, error: 'no luck' })); process.send('ready');`,
    );
    await expect(scanned(['a', 'b'], file)).rejects.toThrow('no luck');
  });
});

describe('the header of a plain JPEG', () => {
  const exif = (orientation: number) => ({ IFD0: { Make: 'x', Model: 'y' }, orientation });

  it('is read as the image library reads it', async () => {
    const photo = photograph(40, 30);
    const plain = [
      await photo.clone().jpeg().toBuffer(),
      await photo.clone().jpeg({ progressive: true, chromaSubsampling: '4:4:4' }).toBuffer(),
      await photo.clone().toColourspace('b-w').jpeg().toBuffer(),
      await photo
        .clone()
        .jpeg({ mozjpeg: true })
        .withExif({ IFD0: { Make: 'x' } })
        .toBuffer(),
      await photo.clone().jpeg().withIccProfile('p3').toBuffer(),
    ];
    for (const bytes of plain) {
      const { width, height, fast } = await probeImage(bytes);
      expect(fast).toBe(true);
      expect(plainJpegSize(bytes)).toEqual({ width, height });
    }
    const turned = await photo.clone().jpeg().withMetadata(exif(6)).toBuffer();
    const ink = await photo.clone().toColourspace('cmyk').jpeg().toBuffer();
    for (const bytes of [turned, ink]) {
      expect((await probeImage(bytes)).fast).toBe(false);
      expect(plainJpegSize(bytes)).toBeNull();
    }
  });

  it('that is damaged anywhere is left to the image library', async () => {
    const whole = await photograph(40, 30).jpeg().withMetadata(exif(1)).toBuffer();
    expect(plainJpegSize(whole)).toEqual({ width: 40, height: 30 });
    for (let length = 0; length < 300; length++) expect(plainJpegSize(whole.subarray(0, length))).toBeNull();
    // No changed byte makes it throw.
    for (let at = 0; at < 400; at++) {
      const damaged = Buffer.from(whole);
      damaged[at] = (damaged[at] as number) ^ 0xff;
      plainJpegSize(damaged);
    }
  });
});
