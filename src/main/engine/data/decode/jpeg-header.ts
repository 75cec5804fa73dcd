/**
 * Reads a plain JPEG's header without a decoder, because asking the image library costs more than decoding a small
 * image.
 */
import { LARGEST_PIXELS } from './decode';
import { isWholeProgression } from './jpeg-structure';
import type { Size } from '../image/box';

const [SOI, SOS, APP1] = [0xd8, 0xda, 0xe1];
/** Baseline, extended and progressive, all with Huffman codes. */
const PROGRESSIVE = 0xc2;
const PLAIN_FRAMES = [0xc0, 0xc1, PROGRESSIVE];
/** Hierarchical frames, and a height that comes after the pixels. */
const RARE = [0xdc, 0xde, 0xdf];
const ORIENTATION = 0x0112;

/**
 * Returns the size of an upright JPEG of 8-bit gray or three colours that is not too large. Returns null for every
 * other file, damaged ones too: then the image library says what it is.
 */
export function plainJpegSize(bytes: Buffer): Size | null {
  if (bytes.length < 4 || bytes[0] !== 0xff || bytes[1] !== SOI) return null;
  let size: Size | null = null;
  let progressive = false;
  for (let at = 2; at + 4 <= bytes.length;) {
    if (bytes[at] !== 0xff) return null;
    const marker = bytes[at + 1] as number;
    if (marker === 0xff) {
      at++;
      continue;
    }
    if (marker === SOS) return progressive && !isWholeProgression(bytes) ? null : size;
    const length = bytes.readUInt16BE(at + 2);
    const end = at + 2 + length;
    if (marker < 0xc0 || (marker >= 0xd0 && marker < SOS) || length < 2 || end > bytes.length) return null;
    const isFrame = marker < 0xd0 && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) {
      if (size || !PLAIN_FRAMES.includes(marker)) return null;
      progressive = marker === PROGRESSIVE;
      size = frameSize(bytes.subarray(at + 4, end));
      if (!size) return null;
    } else if (marker === APP1 && !isUpright(bytes.subarray(at + 4, end))) return null;
    else if (RARE.includes(marker)) return null;
    at = end;
  }
  return null;
}

function frameSize(frame: Buffer): Size | null {
  if (frame.length < 6 || frame[0] !== 8 || (frame[5] !== 1 && frame[5] !== 3)) return null;
  const [height, width] = [frame.readUInt16BE(1), frame.readUInt16BE(3)];
  return width > 0 && height > 0 && width * height <= LARGEST_PIXELS ? { width, height } : null;
}

/** Says whether an APP1 segment asks for no rotation. False where that is not known. */
function isUpright(segment: Buffer): boolean {
  if (segment.toString('latin1', 0, 4) !== 'Exif') return true;
  const tiff = segment.subarray(6);
  const order = tiff.toString('latin1', 0, 2);
  if (tiff.length < 8 || (order !== 'II' && order !== 'MM')) return false;
  const short = (at: number): number => (order === 'II' ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const first = order === 'II' ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4);
  if (first + 2 > tiff.length) return false;
  const entries = short(first);
  if (first + 2 + 12 * entries > tiff.length) return false;
  for (let entry = 0; entry < entries; entry++) {
    const at = first + 2 + 12 * entry;
    if (short(at) === ORIENTATION && short(at + 8) !== 1) return false;
  }
  return true;
}
