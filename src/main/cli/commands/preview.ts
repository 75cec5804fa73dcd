import sharp from 'sharp';
import { lowFrequencyCrop, type HostImage } from '../../../shared/curriculum/low-frequency';
import { lowPass } from '../../../shared/curriculum/low-pass';
import { AppError } from '../../../shared/errors';
import { NpyWriter } from '../../engine/export/npy';
import { readImageFile } from '../../services/pictures/read-image-file';
import type { Command, CommandCall } from '../command';
import { choiceOption, needPositionals, optionalNumber, textOption } from '../options';

async function load(path: string): Promise<HostImage> {
  const { data, height, width } = await readImageFile(path);
  return { data: Float32Array.from(data, (value) => value / 255), height, width, channels: 3 };
}

function needed(values: CommandCall['values'], name: string, mode: string, least: number): number {
  const value = optionalNumber(values, name, least);
  if (value !== undefined) return value;
  throw new AppError({
    code: 'usage',
    what: `preview --mode ${mode} needs --${name}.`,
    why: 'It was not given.',
    next: 'Run `efficienttrain preview --help`.',
  });
}

function transform(image: HostImage, values: CommandCall['values']): HostImage {
  const mode = choiceOption(values, 'mode', ['crop', 'resize', 'low-pass'], 'crop');
  if (mode === 'low-pass') return lowPass(image, needed(values, 'radius', mode, 0));
  const bandwidth = needed(values, 'bandwidth', mode, 1);
  const largest = Math.min(image.height, image.width);
  if (Number.isInteger(bandwidth) && bandwidth <= largest) return lowFrequencyCrop(image, bandwidth, mode);
  throw new AppError({
    code: 'usage',
    what: `A bandwidth of ${bandwidth} can't be used.`,
    why: `The image is ${image.width} x ${image.height}; B is a whole number of at most ${largest}.`,
    next: 'Give a smaller one.',
  });
}

async function save(image: HostImage, path: string): Promise<void> {
  try {
    await write(image, path);
  } catch (cause) {
    throw new AppError(
      {
        code: 'io',
        what: `${path} can't be written.`,
        why: (cause as Error).message,
        next: 'Give --out in a folder that exists, can be written to and has room.',
      },
      { cause },
    );
  }
}

async function write({ data, height, width }: HostImage, path: string): Promise<void> {
  if (path.endsWith('.npy')) {
    const writer = new NpyWriter(path, 'float32', [height, width, 3]);
    writer.write(data);
    writer.close();
    return;
  }
  const pixels = Uint8Array.from(data, (value) => Math.round(Math.min(Math.max(value, 0), 1) * 255));
  await sharp(pixels, { raw: { width, height, channels: 3 } })
    .png()
    .toFile(path);
}

export const command: Command = {
  name: 'preview',
  summary: 'Show an image as a curriculum stage sees it.',
  positionals: 'IMAGE',
  options: {
    bandwidth: { type: 'string', value: 'B', description: 'side of the low-frequency crop in pixels' },
    mode: {
      type: 'string',
      value: 'MODE',
      description: 'crop (exact), resize (the released approximation) or low-pass (default crop)',
    },
    radius: { type: 'string', value: 'R', description: 'for low-pass: frequencies kept, of the shorter side' },
    out: {
      type: 'string',
      value: 'FILE',
      description: '.png (clamped and rounded) or .npy (float32 H x W x 3, 0..1, unclamped)',
    },
  },
  examples: [
    'efficienttrain preview photo.jpg --bandwidth 96 --out b96.png',
    'efficienttrain preview photo.jpg --mode low-pass --radius 40 --out low.png',
  ],
  run: async ({ positionals, values }) => {
    const [path = ''] = needPositionals('preview', positionals, 1);
    const out = textOption(values, 'out');
    if (out === undefined || !/\.(png|npy)$/.test(out))
      throw new AppError({
        code: 'usage',
        what: 'preview needs --out FILE.',
        why: 'The file has to end in .png or .npy.',
        next: 'For example --out preview.png',
      });
    const made = transform(await load(path), values);
    await save(made, out);
    return {
      json: { path: out, width: made.width, height: made.height },
      text: `${out}: ${made.width} x ${made.height}`,
    };
  },
};
