import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { rngOf } from '../../src/shared/random';

const rng = rngOf(7);

/** Returns a PNG of 16 x 16 px that differs from all others. */
export const someImage = (): Promise<Buffer> =>
  sharp(
    Uint8Array.from({ length: 16 * 16 * 3 }, () => rng.below(256)),
    { raw: { width: 16, height: 16, channels: 3 } },
  )
    .png()
    .toBuffer();

/** Writes a given number of images into each folder below `root`. */
export async function plantImages(root: string, folders: Readonly<Record<string, number>>): Promise<void> {
  for (const [folder, count] of Object.entries(folders)) {
    mkdirSync(join(root, folder), { recursive: true });
    for (let index = 0; index < count; index++) writeFileSync(join(root, folder, `${index}.png`), await someImage());
  }
}
