/** Decodes all of a JPEG to a small picture, no larger than needed. */
import { DTYPE } from '../../backend/dtype';
import { toAddonAttrs } from '../../backend/raw-op';
import { nativeView } from '../augment/native-view';
import type { View } from '../augment/view';
import type { Size } from '../image/box';
import type { Rgb } from '../image/rgb';
import type { NativeImages } from '../loader/native-images';

/** Ratios by which the decoder can shrink both sides while it transforms its blocks. */
const RATIOS = [8, 4, 2, 1];

const attrsAt = (ratio: number): ReturnType<typeof toAddonAttrs> =>
  toAddonAttrs({
    channels: { kind: 'int', value: 3 },
    ratio: { kind: 'int', value: ratio },
    fancy_upscaling: { kind: 'bool', value: true },
    try_recover_truncated: { kind: 'bool', value: false },
    acceptable_fraction: { kind: 'float', value: 1 },
    dct_method: { kind: 'string', value: 'INTEGER_ACCURATE' },
  });

const ATTRS = new Map(RATIOS.map((ratio) => [ratio, attrsAt(ratio)]));

/**
 * Makes the view of a plain JPEG of this size. The decoder reads all of the file's bits at any ratio, so it refuses the
 * same files; averages over its blocks are exact, so the small picture loses nothing.
 * @throws where the file can't be decoded to its end
 */
export function smallJpeg({ binding }: NativeImages, bytes: Buffer, { width, height }: Size, view: View): Rgb {
  const fits = (ratio: number): boolean => width >= ratio * view.size.width && height >= ratio * view.size.height;
  const ratio = RATIOS.find(fits) ?? 1;
  const contents = binding.createTensor([], DTYPE.string, [bytes]);
  const ids = [contents];
  try {
    const [decoded] = binding.executeOp('DecodeJpeg', ATTRS.get(ratio) ?? attrsAt(ratio), [contents], 1);
    if (!decoded) throw new Error('DecodeJpeg gave nothing');
    ids.push(decoded.id);
    const box = { left: 0, top: 0, width: Math.ceil(width / ratio), height: Math.ceil(height / ratio) };
    return nativeView(binding, { id: decoded.id, stride: 3 * box.width }, box, view);
  } finally {
    for (const id of ids) binding.deleteTensor(id);
  }
}
