/** Reads a JPEG's markers without a decoder. It finds unsupported variants and what comes after the pixels. */
import { damaged, unsupported } from './unusable-image';

export interface JpegStructure {
  components: number;
  progressive: boolean;
  /** Offset of the end of the frame header. */
  end: number;
}

const M = {
  tem: 0x01,
  sof0: 0xc0,
  rst0: 0xd0,
  soi: 0xd8,
  eoi: 0xd9,
  sos: 0xda,
  dnl: 0xdc,
  dri: 0xdd,
  app0: 0xe0,
  jpg0: 0xf0,
  com: 0xfe,
};
const FRAMES = new Map([
  [0xc3, 'lossless compression'],
  [0xc5, 'hierarchical compression'],
  [0xc6, 'hierarchical compression'],
  [0xc7, 'hierarchical lossless compression'],
  [0xc9, 'arithmetic coding'],
  [0xca, 'arithmetic coding'],
  [0xcb, 'arithmetic coding without loss'],
  [0xcd, 'hierarchical arithmetic coding'],
  [0xce, 'hierarchical arithmetic coding'],
  [0xcf, 'hierarchical arithmetic coding'],
  [0xf7, 'JPEG-LS compression'],
]);
const PROGRESSIVE = 0xc2;
const PLAIN = [0xc0, 0xc1, PROGRESSIVE];

const isRestart = (marker: number): boolean => marker >= M.rst0 && marker < M.soi;

/** Returns the offset of the next marker's code from `at` on, or -1. It skips fill bytes and stuffed zeros. */
function nextMarker(bytes: Buffer, at: number): number {
  for (
    let found = bytes.indexOf(0xff, at);
    found >= 0 && found + 1 < bytes.length;
    found = bytes.indexOf(0xff, found + 1)
  ) {
    const code = bytes[found + 1] as number;
    if (code !== 0 && code !== 0xff) return found + 1;
  }
  return -1;
}

/** Reads the structure. @throws UnusableImage for unsupported variants, or where the file ends before a frame */
export function jpegStructure(bytes: Buffer): JpegStructure {
  for (let at = nextMarker(bytes, 2); at >= 0; at = nextMarker(bytes, at)) {
    const marker = bytes[at] as number;
    if (at + 10 > bytes.length || marker === M.eoi || marker === M.sos) break;
    const other = FRAMES.get(marker);
    if (other) throw unsupported(`It is a JPEG with ${other}`);
    if (PLAIN.includes(marker))
      return { ...frame(marker, bytes.subarray(at + 1)), end: at + 1 + bytes.readUInt16BE(at + 1) };
    at += isRestart(marker) || marker === M.tem ? 1 : 1 + bytes.readUInt16BE(at + 1);
  }
  throw damaged('JPEG', 'it ends before its picture begins');
}

function frame(marker: number, body: Buffer): Omit<JpegStructure, 'end'> {
  const [bits, components] = [body[2] as number, body[7] as number];
  if (bits !== 8) throw unsupported(`It is a JPEG with ${bits} bits a sample`);
  if (body.readUInt16BE(3) === 0) throw unsupported('It is a JPEG that says its height after its pixels');
  if (![1, 3, 4].includes(components)) throw unsupported(`It is a JPEG with ${components} components`);
  return { components, progressive: marker === PROGRESSIVE };
}

/** Returns the end of the segment of the marker whose code is at `at`. */
const segmentEnd = (bytes: Buffer, at: number): number =>
  isRestart(bytes[at] as number) || bytes[at] === M.tem || at + 3 > bytes.length
    ? at + 1
    : at + 1 + bytes.readUInt16BE(at + 1);

/**
 * Checks what follows the pixels of a file in one scan. There the image library stops at the last row, while TensorFlow
 * and Pillow read to the end marker and fail at markers that can't come before it. This check gives all of them one
 * verdict on a damaged file.
 * @throws UnusableImage
 */
export function checkJpegEnd(bytes: Buffer): void {
  const { components, progressive, end } = jpegStructure(bytes);
  let at = nextMarker(bytes, end);
  while (at >= 0 && bytes[at] !== M.sos) at = nextMarker(bytes, segmentEnd(bytes, at));
  if (at < 0) throw damaged('JPEG');
  // Files in several scans are read to the end before the first row.
  if (progressive || (bytes[at + 3] as number) < components) return;
  const restarts = bytes.lastIndexOf(Buffer.from([0xff, M.dri]), at) >= 0;
  for (at = nextMarker(bytes, segmentEnd(bytes, at)); at >= 0; at = nextMarker(bytes, segmentEnd(bytes, at))) {
    if (bytes[at] === M.eoi) return;
    if (restarts) at = restartAfter(bytes, at);
    if (!isPassedOver(bytes[at] as number)) break;
  }
  throw damaged('JPEG');
}

/** Number of coefficients, in stored order, that libjpeg checks before it smooths blocks. */
const SMOOTHED_BY = 10;

/**
 * Says whether the scans of a progressive JPEG hold its low frequencies to the last bit. Where they don't, libjpeg
 * smooths blocks by their neighbours, and a part that is decoded alone lacks those at its border.
 */
export function isWholeProgression(bytes: Buffer): boolean {
  const { components, end } = jpegStructure(bytes);
  const left = new Map<number, Uint8Array>();
  for (let at = nextMarker(bytes, end); at >= 0; at = nextMarker(bytes, segmentEnd(bytes, at))) {
    if (bytes[at] !== M.sos) continue;
    const scan = bytes.subarray(at + 3, segmentEnd(bytes, at));
    const count = scan[0] ?? 0;
    const [first = 0, last = 0, bits = 0] = scan.subarray(1 + 2 * count);
    for (let index = 0; index < count; index++) {
      const component = scan[1 + 2 * index] as number;
      const known = left.get(component) ?? new Uint8Array(SMOOTHED_BY).fill(255);
      left.set(component, known.fill(bits & 15, first, last + 1));
    }
  }
  return left.size === components && [...left.values()].every((known) => known.every((missing) => missing === 0));
}

/** Says whether libjpeg skips a marker after the pixels. */
const isPassedOver = (marker: number): boolean =>
  isRestart(marker) || [M.tem, M.dnl, M.com].includes(marker) || (marker >= M.app0 && marker < M.jpg0);

/**
 * Finds where libjpeg resumes: where no marker is expected and the next one is a restart, it resumes there.
 * @returns the offset of that restart's code, else `start`
 */
function restartAfter(bytes: Buffer, start: number): number {
  let at = start;
  while (at >= 0 && (bytes[at] as number) < M.sof0) at = nextMarker(bytes, at);
  return at >= 0 && isRestart(bytes[at] as number) ? at : start;
}
