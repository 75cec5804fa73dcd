/**
 * Copies of photographs that were resized, encoded again, brightened, cut or mirrored are found. Different photographs
 * are not reported.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { makeView, plainView } from '../../../src/main/engine/data/augment/view';
import { decodeImage } from '../../../src/main/engine/data/decode/decode';
import { luma } from '../../../src/main/engine/data/image/rgb';
import { HASHES, LOOK_BYTES, lookOf, lookSide, readHashes, WORDS } from '../../../src/main/engine/data/scan/look';
import { REACH } from '../../../src/main/engine/data/scan/near-candidates';
import { nearPairs, type NearPair } from '../../../src/main/engine/data/scan/near-pairs';
import { rngOf } from '../../../src/shared/random';
import { sharedData, sharedDataMissing } from '../../support/shared-data';

async function lookOfFile(bytes: Buffer): Promise<Uint8Array> {
  const image = await decodeImage(bytes);
  const side = lookSide(image.width, image.height);
  const look = lookOf(luma(makeView(image, plainView(side, side, 'bicubic'))), side, side);
  if (!look) throw new Error('the picture is flat');
  return look;
}

function pairsOf(looks: Uint8Array[]): Promise<NearPair[]> {
  const hashes = new Uint32Array(looks.length * HASHES * WORDS);
  looks.forEach((look, row) => readHashes(look, hashes, row));
  return nearPairs({ hashes, look: (row) => looks[row] as Uint8Array });
}

/** Makes a copy of an upright RGB picture of width x height. */
type Copy = (source: Sharp, size: { width: number; height: number }, at: number) => Promise<Buffer>;

/** Cuts out 95 % of each side, at one of many places. */
const cut: Copy = (source, { width, height }, at) => {
  const [kept, high] = [Math.round(width * 0.95), Math.round(height * 0.95)];
  const [across, down] = [((at * 7) % 11) / 10, ((at * 3) % 11) / 10];
  const [left, top] = [Math.round((width - kept) * across), Math.round((height - high) * down)];
  return source.extract({ left, top, width: kept, height: high }).jpeg({ quality: 90 }).toBuffer();
};

const COPIES: Record<string, { least: number; mirrored?: true; make: Copy }> = {
  'at 3/4 size, quality 80': {
    least: 0.98,
    make: (source, { width }) =>
      source
        .resize(Math.round(width * 0.75))
        .jpeg({ quality: 80 })
        .toBuffer(),
  },
  'at 40 px': { least: 0.98, make: (source) => source.resize(40, 40, { fit: 'inside' }).png().toBuffer() },
  'at half size, PNG': {
    least: 0.98,
    make: (source, { width }) =>
      source
        .resize(Math.round(width / 2))
        .png()
        .toBuffer(),
  },
  'encoded again at quality 30': { least: 0.98, make: (source) => source.jpeg({ quality: 30 }).toBuffer() },
  'made 1.2 times as bright': { least: 0.98, make: (source) => source.linear(1.2, 0).jpeg({ quality: 90 }).toBuffer() },
  'made darker': { least: 0.98, make: (source) => source.linear(0.7, 0).jpeg({ quality: 90 }).toBuffer() },
  'cut to 95 % a side': { least: 0.95, make: cut },
  mirrored: { least: 0.98, mirrored: true, make: (source) => source.flop().jpeg({ quality: 90 }).toBuffer() },
};

interface Photograph {
  bytes: Buffer;
  width: number;
  height: number;
}

/** @returns the share of copies that are found, with the right kind */
async function recall(photographs: Photograph[], { make, mirrored }: { make: Copy; mirrored?: true }): Promise<number> {
  const looks: Uint8Array[] = [];
  for (const [at, { bytes, ...size }] of photographs.entries())
    looks.push(await lookOfFile(bytes), await lookOfFile(await make(sharp(bytes), size, at)));
  const pairs = await pairsOf(looks);
  const found = pairs.filter(
    ({ a, b, ...pair }) => a % 2 === 0 && b === a + 1 && pair.mirrored === (mirrored ?? false),
  );
  return found.length / photographs.length;
}

/** Makes smooth random pictures of 320 x 240 px: coloured noise of a few frequencies. */
async function scenes(count: number): Promise<Photograph[]> {
  const [columns, rows, width, height] = [12, 9, 320, 240];
  return Promise.all(
    Array.from({ length: count }, async (_, seed) => {
      const rng = rngOf(seed, 17);
      const noise = Uint8Array.from({ length: columns * rows * 3 }, () => Math.floor(30 + 190 * rng.uniform()));
      const bytes = await sharp(noise, { raw: { width: columns, height: rows, channels: 3 } })
        .resize(width, height, { kernel: 'cubic' })
        .png()
        .toBuffer();
      return { bytes, width, height };
    }),
  );
}

describe('near-duplicates', () => {
  it('finds every kind of copy of generated scenes, and no pair of different ones', async () => {
    const made = await scenes(60);
    for (const [name, { least, ...copy }] of Object.entries(COPIES))
      expect(await recall(made, copy), name).toBeGreaterThanOrEqual(least);
    expect(await pairsOf(await Promise.all(made.map(({ bytes }) => lookOfFile(bytes))))).toEqual([]);
  }, 300_000);

  it('gives no look to a picture that is too flat to tell from others', () => {
    expect(lookOf(new Uint8Array(64 * 64).fill(200), 64, 64)).toBeNull();
    expect(
      lookOf(
        Uint8Array.from({ length: 64 * 64 }, (_, at) => 4 * (at % 64)),
        64,
        64,
      ),
    ).toHaveLength(LOOK_BYTES);
  });

  it('takes the same look from a picture of 8 px and from the same with each pixel 9 times as large', () => {
    const rng = rngOf(3, 5);
    const small = Uint8Array.from({ length: 64 }, () => Math.floor(256 * rng.uniform()));
    const large = Uint8Array.from(
      { length: 72 * 72 },
      (_, at) => small[Math.floor(at / 72 / 9) * 8 + Math.floor((at % 72) / 9)]!,
    );
    expect(lookOf(small, 8, 8)).toEqual(lookOf(large, 72, 72));
  });

  it('compares each of thousands that are all alike with few others', async () => {
    const [scene] = await scenes(1);
    const look = await lookOfFile(scene!.bytes);
    const count = 3 * REACH;
    const pairs = await pairsOf(Array.from({ length: count }, () => look));
    expect(pairs.length).toBeGreaterThan(count - 1);
    expect(pairs.length).toBeLessThanOrEqual(count * 2 * REACH);
  }, 300_000);

  it('are the same pairs in the same order, however many threads look for them', async () => {
    const [one, other] = await Promise.all((await scenes(2)).map(({ bytes }) => lookOfFile(bytes)));
    const rng = rngOf(3);
    const table = new Uint32Array(new SharedArrayBuffer(4 * 6000 * HASHES * WORDS));
    const looks = Array.from({ length: 6000 }, (_, row) => {
      const look = Uint8Array.from(
        row % 20 === 0 ? one! : row % 31 === 0 ? other! : { length: LOOK_BYTES },
        (byte: unknown) => (typeof byte === 'number' ? byte : rng.below(256)),
      );
      readHashes(look, table, row);
      return look;
    });
    const pictures = { hashes: table, look: (row: number) => looks[row]! };
    const alone = await nearPairs(pictures);
    expect(alone.length).toBeGreaterThan(300);
    let beside = 0;
    for (const threads of [1, 3])
      expect(await nearPairs(pictures, undefined, { threads, beside: () => void beside++ })).toEqual(alone);
    expect(beside).toBe(2);
    const stopped = nearPairs(pictures, () => Promise.reject(new Error('stopped')), { threads: 2 });
    await expect(stopped).rejects.toThrow('stopped');
  });

  if (sharedDataMissing) console.log(`skipped: ${sharedDataMissing}`);
  describe.skipIf(sharedDataMissing)('of 200 photographs (../shared/data/flowers/val)', () => {
    const photographs = async (): Promise<Photograph[]> => {
      const folder = sharedData('flowers/val');
      const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
      return Promise.all(
        files.map(async (file) => {
          const bytes = readFileSync(join(file.parentPath, file.name));
          const { width, height } = await sharp(bytes).metadata();
          return { bytes, width, height };
        }),
      );
    };

    it.each(Object.entries(COPIES))(
      '%s',
      async (_, { least, ...copy }) => {
        expect(await recall(await photographs(), copy)).toBeGreaterThanOrEqual(least);
      },
      300_000,
    );

    it('finds no pair of different photographs', async () => {
      const all = await photographs();
      const looks = await Promise.all(all.map(({ bytes }) => lookOfFile(bytes)));
      const pairs = (await pairsOf(looks)).filter(({ a, b }) => !all[a]!.bytes.equals(all[b]!.bytes));
      expect(pairs).toEqual([]);
    }, 300_000);
  });
});
