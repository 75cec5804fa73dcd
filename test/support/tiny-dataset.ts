import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { rngOf } from '../../src/shared/random';

const COLOURS = { blue: [40, 60, 200], green: [40, 190, 70], red: [210, 50, 40] } as const;

/** Makes class folders of noisy pictures of one colour each: they are learnt within seconds, and no two are alike. */
export async function tinyDataset(folder: string, perClass = 20, size = 40): Promise<string> {
  const rng = rngOf(3);
  for (const [name, colour] of Object.entries(COLOURS)) {
    mkdirSync(join(folder, name), { recursive: true });
    for (let index = 0; index < perClass; index++) {
      const pixels = Uint8Array.from({ length: size * size * 3 }, (_, at) =>
        Math.min(255, Math.max(0, (colour[at % 3] ?? 0) + rng.below(120) - 60)),
      );
      const png = await sharp(pixels, { raw: { width: size, height: size, channels: 3 } })
        .png()
        .toBuffer();
      writeFileSync(join(folder, name, `${index}.png`), png);
    }
  }
  return folder;
}
