/**
 * Computes a picture's look, 752 bytes by which two files that show the same photograph are recognised. Difference
 * hashes find candidates (dHash, N. Krawetz, 2013: 64 bits say whether a cell of a 9 x 8 grid is brighter than its
 * right neighbour, 64 more whether a cell of an 8 x 9 grid is brighter than the one below), and a gray picture of 24 x
 * 24 pixels confirms them. Hashes are also taken of the picture's mirror image and of nine frames of 95 % a side, so
 * that a copy with its border cut off agrees with the frame nearest to it.
 */
import { areaGrid, areaSums, WHOLE, type AreaSums, type Frame } from './area';

/** Words of 32 bits a hash: two for steps to the right, then two for steps down. */
export const WORDS = 4;
/** Side of the kept gray picture, px. */
export const KEPT_SIDE = 24;

/** Size to which pictures are resampled for their look: cells of all grids are whole pixels of it. */
export const LOOK_SIDE = 72;
/** Size for small pictures: a larger one would show nothing more of them, and take four times as long. */
const SMALL_LOOK_SIDE = 36;
const SMALL_SIDE = 48;

/** Returns the side of the square to which a picture of this size is resampled for its look. */
export const lookSide = (width: number, height: number): number =>
  Math.max(width, height) <= SMALL_SIDE ? SMALL_LOOK_SIDE : LOOK_SIDE;

/** Number of steps a side in a hash. */
const STEPS = 8;
/** Fraction of a side that a frame keeps. */
export const FRAME_SIDE = 0.95;
const OFFSETS = [0, (1 - FRAME_SIDE) / 2, 1 - FRAME_SIDE];

/** The frames that are hashed: the whole picture, then nine of 95 % a side. */
export const FRAMES: readonly Frame[] = [
  WHOLE,
  ...OFFSETS.flatMap((top) => OFFSETS.map((left) => ({ left, top, side: FRAME_SIDE }))),
];
/** Index of the hash of a picture's mirror image; those before it belong to FRAMES. */
export const MIRROR = FRAMES.length;
export const HASHES = FRAMES.length + 1;
const HASH_BYTES = HASHES * WORDS * 4;
export const LOOK_BYTES = HASH_BYTES + KEPT_SIDE * KEPT_SIDE;

/** A picture with too few cells that differ by more than this from their neighbours is too flat to compare. */
const STEP = 2;
const FEWEST_STEPS = 8;

/** Buffers of lookOf, reused for every picture: allocating them for each would cost as much as all the rest. */
interface Scratch {
  sums: Float64Array<ArrayBuffer>;
  mirrored: Float32Array<ArrayBuffer>;
  mirroredSums: Float64Array<ArrayBuffer>;
}
const scratchOf = (side: number): Scratch => ({
  sums: new Float64Array((side + 1) ** 2),
  mirrored: new Float32Array(side ** 2),
  mirroredSums: new Float64Array((side + 1) ** 2),
});
const scratches = new Map([LOOK_SIDE, SMALL_LOOK_SIDE].map((side) => [side, scratchOf(side)]));
const grids = {
  right: new Float32Array((STEPS + 1) * STEPS),
  down: new Float32Array((STEPS + 1) * STEPS),
  kept: new Float32Array(KEPT_SIDE ** 2),
};

/**
 * Computes a look.
 * @param gray [height, width], the whole picture, of lookSide squared where it is to be compared with others
 * @returns LOOK_BYTES bytes, or null for a picture too flat to compare
 */
export function lookOf(gray: Uint8Array, width: number, height: number): Uint8Array | null {
  const picture = areaSums(gray, width, height, width === height ? scratches.get(width)?.sums : undefined);
  if (stepsOf(picture) < FEWEST_STEPS) return null;
  const look = new Uint8Array(LOOK_BYTES);
  const words = new Uint32Array(look.buffer, 0, HASHES * WORDS);
  FRAMES.forEach((frame, index) => writeHash(words, index, picture, frame));
  writeHash(words, MIRROR, mirrorOf(gray, picture), WHOLE);
  const kept = areaGrid(picture, WHOLE, KEPT_SIDE, KEPT_SIDE, grids.kept);
  for (let pixel = 0; pixel < kept.length; pixel++) look[HASH_BYTES + pixel] = (kept[pixel] as number) + 0.5;
  return look;
}

/** Mirrors a picture of one of the two sizes. */
function mirrorOf(gray: Uint8Array, picture: AreaSums): AreaSums {
  const { width, height } = picture;
  const scratch = width === height ? scratches.get(width) : undefined;
  if (scratch) return areaSums(mirrored(gray, width, scratch.mirrored), width, width, scratch.mirroredSums);
  return areaSums(mirrored(areaGrid(picture, WHOLE, LOOK_SIDE, LOOK_SIDE), LOOK_SIDE), LOOK_SIDE, LOOK_SIDE);
}

function stepsOf(picture: AreaSums): number {
  const grid = areaGrid(picture, WHOLE, STEPS + 1, STEPS, grids.right);
  let steps = 0;
  for (let cell = 0; cell < grid.length; cell++)
    if (cell % (STEPS + 1) && Math.abs((grid[cell] as number) - (grid[cell - 1] as number)) > STEP) steps++;
  return steps;
}

/**
 * Writes four words: whether each cell is brighter than its right neighbour, row by row, then whether it is brighter
 * than the one below.
 */
function writeHash(words: Uint32Array, hash: number, picture: AreaSums, frame: Frame): void {
  const right = areaGrid(picture, frame, STEPS + 1, STEPS, grids.right);
  const down = areaGrid(picture, frame, STEPS, STEPS + 1, grids.down);
  const at = hash * WORDS;
  for (let row = 0; row < STEPS; row++) {
    let [steps, stepsDown] = [0, 0];
    for (let column = 0; column < STEPS; column++) {
      const cell = row * (STEPS + 1) + column;
      const other = row * STEPS + column;
      steps = (steps << 1) | ((right[cell] as number) > (right[cell + 1] as number) ? 1 : 0);
      stepsDown = (stepsDown << 1) | ((down[other] as number) > (down[other + STEPS] as number) ? 1 : 0);
    }
    // A word holds four rows of eight steps.
    const word = row >> 2;
    words[at + word] = ((words[at + word] as number) << STEPS) | steps;
    words[at + 2 + word] = ((words[at + 2 + word] as number) << STEPS) | stepsDown;
  }
}

function mirrored(grid: ArrayLike<number>, columns: number, out = new Float32Array(grid.length)): Float32Array {
  for (let start = 0; start < grid.length; start += columns)
    for (let column = 0; column < columns; column++) out[start + column] = grid[start + columns - 1 - column] as number;
  return out;
}

/** Copies a look's hashes into row `row` of a table of [rows, HASHES, WORDS]. */
export function readHashes(look: Uint8Array, table: Uint32Array, row: number): void {
  new Uint8Array(table.buffer, table.byteOffset + row * HASH_BYTES, HASH_BYTES).set(look.subarray(0, HASH_BYTES));
}

/** Returns a look's gray picture, as sums for taking frames. */
export function keptPicture(look: Uint8Array, mirror = false): AreaSums {
  const gray = Float32Array.from(look.subarray(HASH_BYTES, LOOK_BYTES));
  return areaSums(mirror ? mirrored(gray, KEPT_SIDE) : gray, KEPT_SIDE, KEPT_SIDE);
}

/** Number of cells a side of the grid by which pictures are compared. */
const CELLS = 16;

/**
 * Returns brightness steps between neighbouring cells, with mean 0 and length 1: brightness and contrast don't matter.
 */
export function stepVector(picture: AreaSums, frame: Frame): Float32Array {
  const grid = areaGrid(picture, frame, CELLS, CELLS);
  const vector = new Float32Array(2 * CELLS * (CELLS - 1));
  let place = 0;
  for (let cell = 0; cell < grid.length; cell++) {
    if (cell % CELLS) vector[place++] = (grid[cell] as number) - (grid[cell - 1] as number);
    if (cell >= CELLS) vector[place++] = (grid[cell] as number) - (grid[cell - CELLS] as number);
  }
  const mean = vector.reduce((sum, value) => sum + value, 0) / vector.length;
  let squares = 0;
  for (const value of vector) squares += (value - mean) ** 2;
  const length = Math.sqrt(squares) || 1;
  return vector.map((value) => (value - mean) / length);
}

/** Returns the correlation of two step vectors, -1..1. */
export function correlation(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += (a[index] as number) * (b[index] as number);
  return sum;
}
