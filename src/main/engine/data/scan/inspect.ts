import { hash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { makeView, plainView, type View } from '../augment/view';
import { decodeImage, HEAD_BYTES, probeImage, refusedByHead, UnusableImage, type ImageFacts } from '../decode/decode';
import { plainJpegSize } from '../decode/jpeg-header';
import type { Size } from '../image/box';
import { luma, type Rgb } from '../image/rgb';
import type { NativeImages } from '../loader/native-images';
import { viewer, viewOfJpeg } from '../loader/read-image';
import { systemReason, type ProblemKind } from './entries';
import { lookOf, lookSide } from './look';
import { smallJpeg } from './small-jpeg';

export interface Inspected extends ImageFacts {
  bytes: number;
  mtimeMs: number;
  sha256: string;
  /** Result of lookOf; null for a picture too flat to compare. */
  look: Uint8Array | null;
  /** See Unusable.mark. */
  mark: string | null;
}

export interface Unusable {
  kind: ProblemKind;
  reason: string;
  /**
   * Size, times of modification and of change in nanoseconds, and inode: while these stay, the bytes are assumed to be
   * the same. Null where that is not reliable: the file can't be read, or it has changed only now.
   */
  mark: string | null;
}

export type Found = Inspected | Unusable;

/** Means that the findings of an earlier scan are still valid for the file. */
export const UNCHANGED = 'unchanged';

/**
 * Reads a file to its end and decodes all of it.
 * @param known mark of the file when it was inspected before; null: it was not
 * @param engine loads libtensorflow at its first call
 */
export async function inspectFile(
  file: string,
  known: string | null,
  engine: () => NativeImages | null,
): Promise<Found | typeof UNCHANGED> {
  let content: Buffer;
  let state: FileState;
  try {
    const handle = openSync(file, 'r');
    try {
      state = stateOf(handle);
      if (state.mark === known) return UNCHANGED;
      const refused = state.bytes > LARGE_BYTES ? refusedByHead(headOf(handle), state.bytes) : null;
      if (refused) return { kind: refused.kind, reason: refused.message, mark: settledMark(state) };
      content = contentOf(handle, state.bytes);
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    return { kind: 'unreadable', reason: `It can't be read: ${systemReason(error)}.`, mark: null };
  }
  const mark = settledMark(state);
  try {
    const { facts, small } = await decodeSmall(content, engine);
    const { mtimeMs } = state;
    const look = lookOf(luma(small), small.width, small.height);
    return { ...facts, bytes: content.length, mtimeMs, sha256: hash('sha256', content), look, mark };
  } catch (error) {
    if (error instanceof UnusableImage) return { kind: error.kind, reason: error.message, mark };
    throw error;
  }
}

/** The first bytes of a larger file are read before the rest: a film or an archive among images can fill any memory. */
const LARGE_BYTES = 2 ** 25;

/** Some file systems store times only to two seconds. */
const SETTLED_MS = 3000;
const MILLION = 1_000_000n;
const BILLION = 1000n * MILLION;

interface FileState {
  bytes: number;
  mtimeMs: number;
  mark: string;
  /** The later of the times of modification and of change, in ms. */
  newestMs: number;
}

function stateOf(handle: number): FileState {
  const { size, mtimeNs, ctimeNs, ino } = fstatSync(handle, { bigint: true });
  // This is how Node computes mtimeMs from the same numbers, so that both round alike.
  const mtimeMs = Math.floor(Number(mtimeNs / BILLION) * 1000 + Number(mtimeNs % BILLION) / 1e6);
  const newestMs = Number((mtimeNs > ctimeNs ? mtimeNs : ctimeNs) / MILLION);
  return { bytes: Number(size), mtimeMs, mark: `${size} ${mtimeNs} ${ctimeNs} ${ino}`, newestMs };
}

/** Returns the mark of a file that has not changed only now; else null. */
const settledMark = ({ mark, newestMs }: FileState): string | null =>
  Date.now() - newestMs > SETTLED_MS ? mark : null;

/** Returns a file's first bytes, and leaves its place for reading where it is. */
function headOf(handle: number): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  return head.subarray(0, readSync(handle, head, 0, HEAD_BYTES, 0));
}

function contentOf(handle: number, size: number): Buffer {
  const content = Buffer.allocUnsafe(size);
  let length = 0;
  while (length < size) {
    const read = readSync(handle, content, length, size - length, null);
    if (read === 0) break;
    length += read;
  }
  return content.subarray(0, length);
}

/** Loading the engine takes as long as resampling this many pixels without it. */
const WORTH_PIXELS = 2 ** 20;

/** Identifies an image and decodes all of it to a small picture. @throws UnusableImage */
async function decodeSmall(
  bytes: Buffer,
  engine: () => NativeImages | null,
): Promise<{ facts: ImageFacts; small: Rgb }> {
  const viewOf = ({ width, height }: Size): View => {
    const side = lookSide(width, height);
    return plainView(side, side, 'bicubic');
  };
  const size = plainJpegSize(bytes);
  const native = size && engine();
  if (native && size) {
    const facts: ImageFacts = { format: 'jpeg', ...size, orientation: 1, fast: true };
    try {
      return {
        facts,
        small: native.views
          ? smallJpeg(native, bytes, size, viewOf(size))
          : viewOfJpeg(native, bytes, { left: 0, top: 0, ...size }, size, viewOf(size)),
      };
    } catch {
      throw new UnusableImage('truncated', "Its JPEG data can't be decoded to the end; it is cut short or damaged.");
    }
  }
  const facts = await probeImage(bytes);
  const image = await decodeImage(bytes);
  const resample = image.width * image.height > WORTH_PIXELS ? viewer(engine()) : makeView;
  return { facts, small: resample(image, viewOf(image)) };
}
