/**
 * Pairs of pictures that look alike, among any number of them. Candidates agree in a band of 16 bits between a hash of the one and the
 * whole hash of the other: one of four bands of two rows of the grid, or, of the whole picture and of its mirror image, one of four of two
 * columns. Those that differ in few of the 64 bits are judged by their gray pictures. A million pictures take 176 MB of hashes and 98 MB
 * of index.
 */
import { WHOLE } from './area';
import { correlation, FRAME_SIDE, FRAMES, HASHES, keptPicture, MIRROR, stepVector, WORDS } from './look';

/** Bits of 64, of steps to the right and of steps down each, in which candidates differ at most. */
const MOST_BITS = 12;
/** Correlation of brightness steps from which a candidate is compared closely. */
const WORTH_A_LOOK = 0.8;
/**
 * Correlation, at the best of 81 places of the frame, from which two pictures are one. Of photographs cut to 95 % a side at any place
 * 99 in 100 reach 0.94, of those made half as bright again 98 in 100 reach 0.90; different photographs of one hand before one wall,
 * taken one after the other, stay below 0.90 but for one pair of 1,250 pictures (docs/data.md).
 */
const LEAST_CORRELATION = 0.9;
/** Places of the frame a side, when compared closely. */
const PLACES = 9;

/** Four of two rows of the grid each, then four of two columns each. */
const BANDS = 8;
/** A band's bits. */
const BAND_BITS = 16;
/** Where thousands are alike (blank scans), a picture is compared with so many that follow it in the order of their hashes. */
export const REACH = 200;
/** Pictures between two looks at the clock. */
const PAUSE_EVERY = 256;

export interface NearPair {
  /** Rows; the lower first. */
  a: number;
  b: number;
  mirrored: boolean;
}

export interface Pictures {
  /** [rows, HASHES, WORDS] */
  hashes: Uint32Array;
  /** A row's look; read only for candidates. */
  look: (row: number) => Uint8Array;
  /** True for rows that need no comparison, as byte-for-byte copies. */
  same?: (a: number, b: number) => boolean;
}

/** @returns each pair once, by row */
export async function nearPairs(
  pictures: Pictures,
  pause: (done: number, total: number) => Promise<void> | void = () => undefined,
): Promise<NearPair[]> {
  // The same bits as signed words: what is read of them needs no conversion.
  const hashes = new Int32Array(pictures.hashes.buffer, pictures.hashes.byteOffset, pictures.hashes.length);
  const rows = hashes.length / ROW;
  const index = Array.from({ length: BANDS }, (_, band) => bandIndex(hashes, rows, band));
  const judge = new Judge(pictures);
  for (let row = 0; row < rows; row++) {
    if (row % PAUSE_EVERY === 0) await pause(row, rows);
    for (let hash = 0; hash < HASHES; hash++) {
      const bands = hash === 0 || hash === MIRROR ? BANDS : BANDS / 2;
      for (let band = 0; band < bands; band++) lookUp(hashes, index[band] as BandIndex, row, hash, band, judge);
    }
  }
  return judge.pairs();
}

/** Rows in order of one band's value: those of value v are order[starts[v]] to order[starts[v + 1] - 1]. */
interface BandIndex {
  starts: Int32Array;
  order: Int32Array;
  /** The two words of steps to the right, in this order: read one after the other they cost little. */
  words: Int32Array;
}

const ROW = HASHES * WORDS;

const bandValue = (hashes: Int32Array, at: number, band: number): number =>
  band < BANDS / 2
    ? ((hashes[at + (band >> 1)] as number) >>> (band & 1 ? 0 : BAND_BITS)) & 0xffff
    : (everyFourth(hashes[at] as number, band & 3) << 8) | everyFourth(hashes[at + 1] as number, band & 3);

/** Eight of a word's bits, from the `from`th on. */
function everyFourth(word: number, from: number): number {
  let bits = (word >>> from) & 0x11111111;
  bits = (bits | (bits >>> 3)) & 0x03030303;
  bits = (bits | (bits >>> 6)) & 0x000f000f;
  return (bits | (bits >>> 12)) & 0xff;
}

function bandIndex(hashes: Int32Array, rows: number, band: number): BandIndex {
  const starts = new Int32Array((1 << BAND_BITS) + 1);
  for (let row = 0; row < rows; row++) (starts[bandValue(hashes, row * ROW, band) + 1] as number)++;
  for (let value = 0; value < 1 << BAND_BITS; value++) (starts[value + 1] as number) += starts[value] as number;
  const next = starts.slice();
  const order = new Int32Array(rows);
  for (let row = 0; row < rows; row++) {
    const value = bandValue(hashes, row * ROW, band);
    order[next[value] as number] = row;
    (next[value] as number)++;
  }
  for (let value = 0; value < 1 << BAND_BITS; value++) {
    const members = order.subarray(starts[value], starts[value + 1]);
    if (members.length > REACH) members.sort((a, b) => compareHashes(hashes, a * ROW, b * ROW) || a - b);
  }
  const words = new Int32Array(rows * 2);
  for (let place = 0; place < rows; place++) {
    const at = (order[place] as number) * ROW;
    words[place * 2] = hashes[at] as number;
    words[place * 2 + 1] = hashes[at + 1] as number;
  }
  return { starts, order, words };
}

const compareHashes = (hashes: Int32Array, a: number, b: number): number =>
  (hashes[a] as number) - (hashes[b] as number) || (hashes[a + 1] as number) - (hashes[b + 1] as number);

/** Called some hundred times a picture, so its arguments are numbers one by one. */
function lookUp(
  hashes: Int32Array,
  { starts, order, words }: BandIndex,
  row: number,
  hash: number,
  band: number,
  judge: Judge,
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
    if (down + ones((hashes[at + 1] as number) ^ (hashes[own + 3] as number)) <= MOST_BITS) judge.consider(row, other, hash);
  }
}

/** The first place of a bucket whose words are not below these. */
function firstNotBelow(words: Int32Array, from: number, to: number, high: number, low: number): number {
  while (from < to) {
    const middle = (from + to) >>> 1;
    const below = (words[middle * 2] as number) - high || (words[middle * 2 + 1] as number) - low;
    if (below < 0) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** Bits set in a word of 32. */
function ones(word: number): number {
  word -= (word >>> 1) & 0x55555555;
  word = (word & 0x33333333) + ((word >>> 2) & 0x33333333);
  return Math.imul((word + (word >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

interface Judgement {
  mirrored: boolean;
  /** Correlation of brightness steps. */
  alike: number;
}

/** Judges candidates by their gray pictures; what it needs of the picture at hand it makes once. */
class Judge {
  private readonly found = new Map<number, Map<number, Judgement>>();
  private row = -1;
  private own: (Float32Array | undefined)[] = [];

  constructor(private readonly pictures: Pictures) {}

  consider(row: number, other: number, hash: number): void {
    const [a, b] = row < other ? [row, other] : [other, row];
    const mirrored = hash === MIRROR;
    const known = this.found.get(a)?.get(b);
    if (known?.mirrored === mirrored || this.pictures.same?.(a, b)) return;
    const theirs = stepVector(keptPicture(this.pictures.look(other)), WHOLE);
    let alike = correlation(this.ownVector(row, hash), theirs);
    if (alike < WORTH_A_LOOK) return;
    if (alike < LEAST_CORRELATION && !mirrored) alike = this.closely(row, theirs);
    // A picture that is nearly its own mirror image may be found both ways; the better way says which it is.
    if (alike < Math.max(LEAST_CORRELATION, known?.alike ?? 0)) return;
    const others = this.found.get(a) ?? new Map<number, Judgement>();
    this.found.set(a, others.set(b, { mirrored, alike }));
  }

  pairs(): NearPair[] {
    return [...this.found]
      .flatMap(([a, others]) => [...others].map(([b, { mirrored }]) => ({ a, b, mirrored })))
      .sort((one, two) => one.a - two.a || one.b - two.b);
  }

  private ownVector(row: number, hash: number): Float32Array {
    if (this.row !== row) [this.row, this.own] = [row, []];
    return (this.own[hash] ??= stepVector(keptPicture(this.pictures.look(row), hash === MIRROR), FRAMES[hash] ?? WHOLE));
  }

  /** The best correlation over places of the frame. */
  private closely(row: number, theirs: Float32Array): number {
    const picture = keptPicture(this.pictures.look(row));
    let best = 0;
    for (let place = 0; place < PLACES ** 2; place++) {
      const left = ((1 - FRAME_SIDE) * (place % PLACES)) / (PLACES - 1);
      const top = ((1 - FRAME_SIDE) * Math.floor(place / PLACES)) / (PLACES - 1);
      best = Math.max(best, correlation(stepVector(picture, { left, top, side: FRAME_SIDE }), theirs));
    }
    return best;
  }
}
