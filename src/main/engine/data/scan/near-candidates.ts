/**
 * Finds pictures that may show the same by their hashes alone. Candidates agree in a band of 16 bits between a hash of
 * the one and the whole hash of the other: one of four bands of two rows of the grid, or, for the whole picture and its
 * mirror image, one of four of two columns; and they differ in few of the 64 bits. A million pictures take 176 MB of
 * hashes and 98 MB of index, in memory that threads share.
 */
import { HASHES, MIRROR, WORDS } from './look';

/** Candidates differ in at most this many of 64 bits, for steps to the right and for steps down. */
const MOST_BITS = 12;
/** Four bands of two rows of the grid each, then four of two columns each. */
const BANDS = 8;
/** A band's bits. */
const BAND_BITS = 16;
/**
 * Each picture is compared only with the next so many in hash order. Among thousands of near-identical scans (blank
 * pages) more pairs add nothing.
 */
export const REACH = 200;
/** Called for each candidate with the rows of two pictures and the index of the first one's hash. */
export type Consider = (row: number, other: number, hash: number) => void;

/** Finds the candidates of one row in the whole table. */
export function candidatesOf({ hashes, bands }: NearIndex, row: number, consider: Consider): void {
  for (let hash = 0; hash < HASHES; hash++) {
    const used = hash === 0 || hash === MIRROR ? BANDS : BANDS / 2;
    for (let band = 0; band < used; band++) lookUp(hashes, bands[band] as BandIndex, row, hash, band, consider);
  }
}

export interface NearIndex {
  /** [rows, HASHES, WORDS], as signed words, which need no conversion when read. */
  hashes: Int32Array;
  bands: BandIndex[];
}

export const rowsOf = ({ hashes }: NearIndex): number => hashes.length / ROW;

/** Builds the index. @param hashes [rows, HASHES, WORDS] */
export function nearIndex(hashes: Uint32Array): NearIndex {
  const signed = new Int32Array(hashes.buffer, hashes.byteOffset, hashes.length);
  const rows = signed.length / ROW;
  return { hashes: signed, bands: Array.from({ length: BANDS }, (_, band) => bandIndex(signed, rows, band)) };
}

const sharedInts = (length: number): Int32Array => new Int32Array(new SharedArrayBuffer(4 * length));

/** Rows in order of one band's value: those of value v are order[starts[v]] to order[starts[v + 1] - 1]. */
interface BandIndex {
  starts: Int32Array;
  order: Int32Array;
  /** The two words of steps to the right, in this order, because reading them in sequence is cheap. */
  words: Int32Array;
}

const ROW = HASHES * WORDS;

const bandValue = (hashes: Int32Array, at: number, band: number): number =>
  band < BANDS / 2
    ? ((hashes[at + (band >> 1)] as number) >>> (band & 1 ? 0 : BAND_BITS)) & 0xffff
    : (everyFourth(hashes[at] as number, band & 3) << 8) | everyFourth(hashes[at + 1] as number, band & 3);

/** Returns eight of a word's bits, from the `from`th on. */
function everyFourth(word: number, from: number): number {
  let bits = (word >>> from) & 0x11111111;
  bits = (bits | (bits >>> 3)) & 0x03030303;
  bits = (bits | (bits >>> 6)) & 0x000f000f;
  return (bits | (bits >>> 12)) & 0xff;
}

function bandIndex(hashes: Int32Array, rows: number, band: number): BandIndex {
  const starts = sharedInts((1 << BAND_BITS) + 1);
  for (let row = 0; row < rows; row++) (starts[bandValue(hashes, row * ROW, band) + 1] as number)++;
  for (let value = 0; value < 1 << BAND_BITS; value++) (starts[value + 1] as number) += starts[value] as number;
  const next = Int32Array.from(starts);
  const order = sharedInts(rows);
  for (let row = 0; row < rows; row++) {
    const value = bandValue(hashes, row * ROW, band);
    order[next[value] as number] = row;
    (next[value] as number)++;
  }
  for (let value = 0; value < 1 << BAND_BITS; value++) {
    const members = order.subarray(starts[value], starts[value + 1]);
    if (members.length > REACH) members.sort((a, b) => compareHashes(hashes, a * ROW, b * ROW) || a - b);
  }
  const words = sharedInts(rows * 2);
  for (let place = 0; place < rows; place++) {
    const at = (order[place] as number) * ROW;
    words[place * 2] = hashes[at] as number;
    words[place * 2 + 1] = hashes[at + 1] as number;
  }
  return { starts, order, words };
}

const compareHashes = (hashes: Int32Array, a: number, b: number): number =>
  (hashes[a] as number) - (hashes[b] as number) || (hashes[a + 1] as number) - (hashes[b + 1] as number);

/** Looks up one hash. It is called some hundred times a picture, so its arguments are single numbers. */
function lookUp(
  hashes: Int32Array,
  { starts, order, words }: BandIndex,
  row: number,
  hash: number,
  band: number,
  consider: Consider,
): void {
  const own = row * ROW + hash * WORDS;
  const high = hashes[own] as number;
  const low = hashes[own + 1] as number;
  const value = bandValue(hashes, own, band);
  let from = starts[value] as number;
  let to = starts[value + 1] as number;
  if (to - from > REACH) {
    from = firstNotBelow(words, from, to, high, low);
    to = Math.min(to, from + REACH);
  }
  for (let place = from; place < to; place++) {
    const bits = ones((words[place * 2] as number) ^ high);
    if (bits > MOST_BITS || bits + ones((words[place * 2 + 1] as number) ^ low) > MOST_BITS) continue;
    const other = order[place] as number;
    // A whole picture and a mirrored one are found from both sides; one is enough.
    if (hash === 0 || hash === MIRROR ? other <= row : other === row) continue;
    const at = other * ROW + 2;
    const down = ones((hashes[at] as number) ^ (hashes[own + 2] as number));
    if (down + ones((hashes[at + 1] as number) ^ (hashes[own + 3] as number)) <= MOST_BITS) consider(row, other, hash);
  }
}

/** Returns the first place of a bucket whose words are not below these. */
function firstNotBelow(words: Int32Array, from: number, to: number, high: number, low: number): number {
  while (from < to) {
    const middle = (from + to) >>> 1;
    const below = (words[middle * 2] as number) - high || (words[middle * 2 + 1] as number) - low;
    if (below < 0) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** Counts the bits set in a word of 32. */
function ones(word: number): number {
  word -= (word >>> 1) & 0x55555555;
  word = (word & 0x33333333) + ((word >>> 2) & 0x33333333);
  return Math.imul((word + (word >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
