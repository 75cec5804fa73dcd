/**
 * Finds pairs of pictures that look alike, among any number of them: near-candidates.ts finds candidates by their
 * hashes, and their gray pictures confirm them.
 */
import { WHOLE } from './area';
import { correlation, FRAME_SIDE, FRAMES, keptPicture, MIRROR, stepVector } from './look';
import { candidatesOf, nearIndex, rowsOf } from './near-candidates';
import { candidatesApart } from './near-threads';

/** Correlation of brightness steps from which a candidate is compared closely. */
const WORTH_A_LOOK = 0.8;
/**
 * Correlation, at the best of 81 places of the frame, from which two pictures count as one. Of photographs cut to 95 %
 * a side at any place 99 in 100 reach 0.94, of those made half as bright again 98 in 100 reach 0.90; different
 * photographs of one hand before one wall, taken one after the other, stay below 0.90 but for one pair of 1,250
 * pictures (docs/data.md).
 */
const LEAST_CORRELATION = 0.9;
/** Number of places of the frame a side in a close comparison. */
const PLACES = 9;

/** Number of pictures between two checks of the clock. */
const PAUSE_EVERY = 256;

export interface NearPair {
  /** Rows of the two pictures, the lower first. */
  a: number;
  b: number;
  mirrored: boolean;
}

export interface Pictures {
  /** [rows, HASHES, WORDS] */
  hashes: Uint32Array;
  /** Returns a row's look; it is called only for candidates. */
  look: (row: number) => Uint8Array;
  /** Returns true for rows that need no comparison, such as byte-for-byte copies. */
  same?: (a: number, b: number) => boolean;
}

/** From this many pictures on, threads of their own search for candidates; they take some 40 ms to start. */
const WORTH_THREADS = 5000;

/**
 * Finds the pairs.
 * @param beside work that needs the pictures no more than this does, done while threads search for candidates
 * @returns each pair once, by row
 */
export async function nearPairs(
  pictures: Pictures,
  pause: (done: number, total: number) => Promise<void> | void = () => undefined,
  { threads = 0, beside = () => undefined }: NearOptions = {},
): Promise<NearPair[]> {
  const index = nearIndex(pictures.hashes);
  const rows = rowsOf(index);
  const judge = new Judge(pictures);
  const consider = judge.consider.bind(judge);
  if (threads > 0 && rows >= WORTH_THREADS) {
    const searching = candidatesApart(index, threads, consider, pause);
    // Errors of the search are thrown where it is awaited below.
    searching.catch(() => undefined);
    await beside();
    await searching;
    return judge.pairs();
  }
  for (let row = 0; row < rows; row++) {
    if (row % PAUSE_EVERY === 0) await pause(row, rows);
    candidatesOf(index, row, consider);
  }
  await beside();
  return judge.pairs();
}

export interface NearOptions {
  /** Number of threads that search for candidates; 0: the caller's does. */
  threads?: number;
  beside?: () => Promise<void> | void;
}

interface Judgement {
  mirrored: boolean;
  /** Correlation of brightness steps. */
  alike: number;
}

/** Compares candidates by their gray pictures; it computes what it needs of the current picture once. */
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
    // A picture that is nearly its own mirror image may be found both ways; the better way counts.
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
    return (this.own[hash] ??= stepVector(
      keptPicture(this.pictures.look(row), hash === MIRROR),
      FRAMES[hash] ?? WHOLE,
    ));
  }

  /** Returns the best correlation over places of the frame. */
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
