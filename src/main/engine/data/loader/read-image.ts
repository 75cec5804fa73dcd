import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Binding } from '../../capture/node-backend';
import { toAddonAttrs } from '../../capture/raw-op';
import type { SampleTable } from '../../types';
import type { Box } from '../augment/random-resized-crop';
import { decodeImage } from '../decode/decode';
import { crop, type Rgb } from '../image/rgb';
import { DTYPE } from '../../capture/graph';

const decoder = new TextDecoder();

export const pathOf = ({ root, paths, pathOffsets }: SampleTable, sample: number): string =>
  join(root, decoder.decode(paths.slice(pathOffsets[sample], pathOffsets[sample + 1])));

/** Upright width and height. */
export function sizeOf({ widths, heights, orientations }: SampleTable, sample: number): { width: number; height: number } {
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

// The addon hands out float32 and int32 only.
const TO_INT32 = toAddonAttrs({ SrcT: { kind: 'type', value: 'uint8' }, DstT: { kind: 'type', value: 'int32' }, Truncate: { kind: 'bool', value: false } });

/** Only the box of a JPEG, by TensorFlow's partial decoder. */
function decodeBox(binding: Binding, bytes: Buffer, { left, top, width, height }: Box): Rgb {
  const contents = binding.createTensor([], DTYPE.string, [bytes]);
  const window = binding.createTensor([4], DTYPE.int32, Int32Array.of(top, left, height, width));
  const ids = [contents, window];
  const run = (op: string, attrs: typeof ATTRS, inputs: number[]): number => {
    const [result] = binding.executeOp(op, attrs, inputs, 1);
    if (!result) throw new Error(`${op} gave nothing`);
    ids.push(result.id);
    return result.id;
  };
  try {
    const pixels = run('Cast', TO_INT32, [run('DecodeAndCropJpeg', ATTRS, [contents, window])]);
    return { data: new Uint8Array(binding.tensorDataSync(pixels)), width, height };
  } finally {
    for (const id of ids) binding.deleteTensor(id);
  }
}

/** A box of a sample's upright image; null: all of it. @throws where the file can't be read any more */
export async function readBox(table: SampleTable, sample: number, box: Box | null, binding: Binding | null): Promise<Rgb> {
  const bytes = await readFile(pathOf(table, sample));
  if (box && binding && table.fast[sample]) return decodeBox(binding, bytes, box);
  const image = await decodeImage(bytes);
  const { width, height } = sizeOf(table, sample);
  if (image.width !== width || image.height !== height) throw new Error(`It is ${image.width} x ${image.height} pixels now; at import it was ${width} x ${height}.`);
  return box ? crop(image, box.left, box.top, box.width, box.height) : image;
}
