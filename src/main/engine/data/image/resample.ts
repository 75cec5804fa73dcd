/** `resize` by our own op in libtensorflow (backend/native/kernels/resample.cc): the same bits, several times faster. */
import type { Binding } from '../../capture/node-backend';
import { DTYPE } from '../../capture/graph';
import { toAddonAttrs } from '../../capture/raw-op';
import type { Box } from './box';
import { axisOf, type Filter } from './resize';
import type { Rgb } from './rgb';

/** What the op reads, in the order of its enum Place: the box in an image with rows of `stride` bytes, then both axes. */
function planOf(stride: number, { left, top, width, height }: Box, to: [number, number], filter: Filter): Int32Array {
  const axes = [axisOf(width, to[0], filter), axisOf(height, to[1], filter)];
  const head = [stride, left, top, width, height, ...axes.flatMap(({ first, taps }) => [first.length, taps])];
  const plan = new Int32Array(head.length + axes.reduce((sum, { first, taps }) => sum + first.length * (2 + taps), 0));
  plan.set(head);
  let at = head.length;
  for (const part of axes.flatMap(({ first, count, weights }) => [first, count, weights])) {
    plan.set(part, at);
    at += part.length;
  }
  return plan;
}

const ATTRS = {
  uint8: toAddonAttrs({ T: { kind: 'type', value: 'uint8' } }),
  int32: toAddonAttrs({ T: { kind: 'type', value: 'int32' } }),
};

export interface Pixels {
  /** A tensor that holds the image's bytes, as they are or four to an int32. */
  id: number;
  kind: keyof typeof ATTRS;
  /** Bytes of a row. */
  stride: number;
}

/** A box of an image at `to` [width, height]. */
export function resample(binding: Binding, { id, kind, stride }: Pixels, box: Box, to: [number, number], filter: Filter): Rgb {
  const plan = planOf(stride, box, to, filter);
  const planId = binding.createTensor([plan.length], DTYPE.int32, plan);
  const ids = [planId];
  try {
    const [made] = binding.executeOp('StudioResample', ATTRS[kind], [id, planId], 1);
    if (!made) throw new Error('StudioResample gave nothing');
    ids.push(made.id);
    // Four bytes to an int32: the addon hands out float32 and int32 only.
    const { buffer, byteOffset } = binding.tensorDataSync(made.id);
    return { data: new Uint8Array(buffer as ArrayBuffer, byteOffset, to[0] * to[1] * 3), width: to[0], height: to[1] };
  } finally {
    for (const tensor of ids) binding.deleteTensor(tensor);
  }
}

/** A whole image. */
export function resampleImage(binding: Binding, image: Rgb, width: number, height: number, filter: Filter): Rgb {
  const words = new Int32Array(Math.ceil(image.data.length / 4));
  new Uint8Array(words.buffer).set(image.data);
  const id = binding.createTensor([words.length], DTYPE.int32, words);
  try {
    const whole = { left: 0, top: 0, width: image.width, height: image.height };
    return resample(binding, { id, kind: 'int32', stride: 3 * image.width }, whole, [width, height], filter);
  } finally {
    binding.deleteTensor(id);
  }
}
