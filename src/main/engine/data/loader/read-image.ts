import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Binding } from '../../backend/node-backend';
import { toAddonAttrs } from '../../backend/raw-op';
import type { HostArray, SampleTable } from '../../types';
import { nativeView, nativeViewOf } from '../augment/native-view';
import { makeView, type View } from '../augment/view';
import { decodeImage } from '../decode/decode';
import type { Box, Size } from '../image/box';
import { blank, crop, type Rgb } from '../image/rgb';
import type { NativeImages } from './native-images';
import { DTYPE } from '../../backend/dtype';

const decoder = new TextDecoder();

export const pathOf = ({ root, paths, pathOffsets }: SampleTable, sample: number): string =>
  join(root, decoder.decode(paths.slice(pathOffsets[sample], pathOffsets[sample + 1])));

/** Returns the upright width and height. */
export function sizeOf({ widths, heights, orientations }: SampleTable, sample: number): Size {
  const [width, height] = [widths[sample] as number, heights[sample] as number];
  return (orientations[sample] as number) >= 5 ? { width: height, height: width } : { width, height };
}

const ATTRS = toAddonAttrs({
  channels: { kind: 'int', value: 3 },
  ratio: { kind: 'int', value: 1 },
  fancy_upscaling: { kind: 'bool', value: true },
  try_recover_truncated: { kind: 'bool', value: false },
  acceptable_fraction: { kind: 'float', value: 1 },
  dct_method: { kind: 'string', value: 'INTEGER_ACCURATE' },
});

// The addon returns float32 and int32 only.
const TO_INT32 = toAddonAttrs({
  SrcT: { kind: 'type', value: 'uint8' },
  DstT: { kind: 'type', value: 'int32' },
  Truncate: { kind: 'bool', value: false },
});

/**
 * libjpeg smooths chroma without its neighbours at the border of the decoded box: one pixel more on each side makes the
 * box exact.
 */
const MARGIN = 1;

/** A box within a decoded tensor whose rows are `width` pixels wide. */
interface Decoded {
  id: number;
  width: number;
  box: Box;
}

/**
 * Decodes only the box of a JPEG of this size, by TensorFlow's partial decoder; the bits equal those of a crop of the
 * whole image. The tensor lives as long as `use` runs.
 */
function withBox<T>(binding: Binding, bytes: Buffer, box: Box, size: Size, use: (decoded: Decoded, run: Run) => T): T {
  const left = Math.max(box.left - MARGIN, 0);
  const top = Math.max(box.top - MARGIN, 0);
  const width = Math.min(box.left + box.width + MARGIN, size.width) - left;
  const height = Math.min(box.top + box.height + MARGIN, size.height) - top;
  const contents = binding.createTensor([], DTYPE.string, [bytes]);
  const window = binding.createTensor([4], DTYPE.int32, Int32Array.of(top, left, height, width));
  const ids = [contents, window];
  const run: Run = (op, attrs, inputs) => {
    const [result] = binding.executeOp(op, attrs, inputs, 1);
    if (!result) throw new Error(`${op} gave nothing`);
    ids.push(result.id);
    return result.id;
  };
  try {
    const id = run('DecodeAndCropJpeg', ATTRS, [contents, window]);
    return use({ id, width, box: { ...box, left: box.left - left, top: box.top - top } }, run);
  } finally {
    for (const id of ids) binding.deleteTensor(id);
  }
}

type Run = (op: string, attrs: typeof ATTRS, inputs: number[]) => number;

const decodeBox = (binding: Binding, bytes: Buffer, wanted: Box, size: Size): Rgb =>
  withBox(binding, bytes, wanted, size, ({ id, width, box }, run) =>
    cropInto8Bit(binding.tensorDataSync(run('Cast', TO_INT32, [id])), width, box),
  );

function cropInto8Bit(pixels: HostArray, stride: number, { left, top, width, height }: Box): Rgb {
  const out = blank(width, height);
  for (let row = 0; row < height; row++) {
    const from = ((top + row) * stride + left) * 3;
    out.data.set(pixels.subarray(from, from + width * 3), row * width * 3);
  }
  return out;
}

/**
 * Reads synchronously: a worker has nothing else to do meanwhile, and asking other threads costs more than a cached
 * file takes.
 */
function bytesOf(table: SampleTable, sample: number): Buffer {
  const bytes = readFileSync(pathOf(table, sample));
  const expected = table.bytes[sample] as number;
  if (bytes.length >>> 0 !== expected)
    throw new Error(
      `It has ${bytes.length.toLocaleString('en')} bytes now; at import it had ${expected.toLocaleString('en')}.`,
    );
  return bytes;
}

/** Reads a box of a sample's upright image; null: all of it. @throws where the file can no longer be read */
export async function readBox(
  table: SampleTable,
  sample: number,
  box: Box | null,
  native: NativeImages | null,
): Promise<Rgb> {
  const bytes = bytesOf(table, sample);
  if (box && native && table.fast[sample]) return decodeBox(native.binding, bytes, box, sizeOf(table, sample));
  const image = await decodeImage(bytes);
  const { width, height } = sizeOf(table, sample);
  if (image.width !== width || image.height !== height)
    throw new Error(`It is ${image.width} x ${image.height} pixels now; at import it was ${width} x ${height}.`);
  return box ? crop(image, box.left, box.top, box.width, box.height) : image;
}

/** Reads the view of a box of a sample; the same bits with and without libtensorflow. @throws as readBox */
export async function readView(
  table: SampleTable,
  sample: number,
  wanted: Box,
  view: View,
  native: NativeImages | null,
): Promise<Rgb> {
  if (!native?.views || !table.fast[sample]) return viewer(native)(await readBox(table, sample, wanted, native), view);
  return viewOfJpeg(native, bytesOf(table, sample), wanted, sizeOf(table, sample), view);
}

/** Makes the view of a box of a plain JPEG of this size. @throws where it can't be decoded */
export function viewOfJpeg(native: NativeImages, bytes: Buffer, wanted: Box, size: Size, view: View): Rgb {
  const { binding, views } = native;
  if (!views) return makeView(decodeBox(binding, bytes, wanted, size), view);
  // The view is made from the decoder's tensor, without a copy of the box in JavaScript.
  return withBox(binding, bytes, wanted, size, ({ id, width, box }) =>
    nativeView(binding, { id, stride: 3 * width }, box, view),
  );
}

/** Returns the fastest `makeView` that is available. */
export const viewer = (native: NativeImages | null): typeof makeView =>
  native?.views ? (image, view) => nativeViewOf(native.binding, image, view) : makeView;
