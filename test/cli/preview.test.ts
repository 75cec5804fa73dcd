import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import type { CommandCall, CommandResult } from '../../src/main/cli/command';
import { command } from '../../src/main/cli/commands/preview';
import golden from '../golden/low-frequency/low-frequency.json';

const folder = mkdtempSync(join(tmpdir(), 'efficienttrain-preview-'));
const inFolder = (name: string): string => join(folder, name);

const preview = (image: string, values: CommandCall['values']): Promise<CommandResult> =>
  command.run({
    positionals: [image],
    values,
    home: folder,
    json: true,
    interactive: false,
    signal: new AbortController().signal,
    force: new AbortController().signal,
    log: () => undefined,
    progress: () => undefined,
  });

/** Writes the image of low-frequency.py's formula as a PNG file. */
async function imageFile({ height, width }: { height: number; width: number }): Promise<string> {
  const path = inFolder(`${height}x${width}.png`);
  const pixels = Uint8Array.from({ length: height * width * 3 }, (_, i) => (i * 7919 + i * i * 31) % 256);
  await sharp(pixels, { raw: { height, width, channels: 3 } })
    .png()
    .toFile(path);
  return path;
}

/** Reads a .npy file by numpy's format description (version 1.0, C order). */
function readNpy(path: string): { header: string; values: Float32Array } {
  const bytes = readFileSync(path);
  expect(bytes.subarray(0, 8)).toEqual(Buffer.from('\x93NUMPY\x01\x00', 'latin1'));
  const start = 10 + bytes.readUInt16LE(8);
  expect(start % 64).toBe(0);
  return {
    header: bytes.subarray(10, start).toString('latin1'),
    values: new Float32Array(new Uint8Array(bytes.subarray(start)).buffer),
  };
}

const cropCase = golden.crop.find(({ height, width }) => height === 120 && width === 75)!;
const resizeCase = golden.resize.find(({ height, width }) => height === 120 && width === 75)!;
const lowPassCase = golden.low_pass.find(({ height, width }) => height === 64 && width === 97)!;

describe('preview', () => {
  let photo: string;
  beforeAll(async () => {
    photo = await imageFile(cropCase);
  });
  it.each([
    ['crop', () => cropCase],
    ['resize', () => resizeCase],
  ] as const)('%s writes float32 H x W x 3 of the whole image', async (mode, example) => {
    const out = inFolder(`${mode}.npy`);
    expect((await preview(photo, { bandwidth: '50', mode, out })).json).toEqual({ path: out, width: 50, height: 50 });
    const { header, values } = readNpy(out);
    expect(header).toContain("'descr': '<f4', 'fortran_order': False, 'shape': (50, 50, 3)");
    const { at, output } = example();
    at.forEach((index, k) => expect(Math.abs(values[index]! - output[k]!)).toBeLessThan(1e-5));
  });
  it('low-pass keeps the size', async () => {
    const out = inFolder('low.npy');
    await preview(await imageFile(lowPassCase), { mode: 'low-pass', radius: String(lowPassCase.radius), out });
    const { header, values } = readNpy(out);
    expect(header).toContain("'shape': (64, 97, 3)");
    lowPassCase.at.forEach((index, k) => expect(Math.abs(values[index]! - lowPassCase.output[k]!)).toBeLessThan(1e-5));
  });
  it('png is clamped and rounded', async () => {
    const [out, exact] = [inFolder('crop.png'), inFolder('exact.npy')];
    await preview(photo, { bandwidth: '50', out });
    await preview(photo, { bandwidth: '50', out: exact });
    const { data, info } = await sharp(out).raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height, info.channels]).toEqual([50, 50, 3]);
    const { values } = readNpy(exact);
    expect(values.some((value) => value < 0 || value > 1)).toBe(true);
    expect([...data]).toEqual([...values].map((value) => Math.round(Math.min(Math.max(value, 0), 1) * 255)));
  });
  it('the whole band of a square image gives the image back', async () => {
    const out = inFolder('same.png');
    const square = await imageFile({ height: 40, width: 40 });
    await preview(square, { bandwidth: '40', out });
    expect((await sharp(out).raw().toBuffer()).equals(await sharp(square).raw().toBuffer())).toBe(true);
  });
  it('an image turned by EXIF is upright, and one with alpha is composited on white', async () => {
    const turned = inFolder('turned.jpg');
    await sharp({ create: { width: 30, height: 20, channels: 3, background: '#808080' } })
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toFile(turned);
    expect((await preview(turned, { mode: 'low-pass', radius: '3', out: inFolder('turned.npy') })).json).toMatchObject({
      width: 20,
      height: 30,
    });
    const clear = inFolder('clear.png');
    await sharp({ create: { width: 8, height: 8, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } })
      .png()
      .toFile(clear);
    await preview(clear, { bandwidth: '4', out: inFolder('clear.npy') });
    for (const value of readNpy(inFolder('clear.npy')).values) expect(value).toBeCloseTo(1, 6);
  });
  it.each([
    ['no --out', {}, 'usage'],
    ['another ending', { bandwidth: '8', out: 'x.jpg' }, 'usage'],
    ['no bandwidth', { out: 'x.png' }, 'usage'],
    ['no radius', { mode: 'low-pass', out: 'x.png' }, 'usage'],
    ['a negative radius', { mode: 'low-pass', radius: '-1', out: 'x.png' }, 'usage'],
    ['an unknown mode', { mode: 'fourier', out: 'x.png' }, 'usage'],
    ['a bandwidth beyond the image', { bandwidth: '76', out: 'x.png' }, 'usage'],
    ['half a pixel', { bandwidth: '7.5', out: 'x.png' }, 'usage'],
    ['a folder that is not there', { bandwidth: '8', out: inFolder('none/x.npy') }, 'io'],
    ['a folder that is not there, png', { bandwidth: '8', out: inFolder('none/x.png') }, 'io'],
  ])('%s is refused', async (_, values, code) => {
    await expect(preview(photo, values)).rejects.toMatchObject({ code });
  });
  it('what is no image is refused', async () => {
    writeFileSync(inFolder('text.jpg'), 'no image');
    await expect(preview(inFolder('text.jpg'), { bandwidth: '8', out: inFolder('x.png') })).rejects.toMatchObject({
      code: 'bad_image',
    });
    await expect(preview(inFolder('missing.jpg'), { bandwidth: '8', out: inFolder('x.png') })).rejects.toMatchObject({
      code: 'bad_image',
    });
  });
  it.skipIf(process.platform === 'win32')('a pipe is not waited for', async () => {
    spawnSync('mkfifo', [inFolder('pipe.jpg')]);
    await expect(preview(inFolder('pipe.jpg'), { bandwidth: '8', out: inFolder('x.png') })).rejects.toMatchObject({
      code: 'bad_image',
      why: "It can't be read: it is not a file.",
    });
  });
});
