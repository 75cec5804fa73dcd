/**
 * Memory shared between the training thread and the loader's workers: a ring of batch slots and a few counters. Workers
 * take positions of the sample stream with Atomics; no message is sent while batches are made.
 */
export const COUNTER = {
  /** Generation: workers start when it increases. */
  generation: 0,
  /** Number of batches that the reader has released. */
  released: 1,
  stop: 2,
  /** Length of the error's text, once a worker has failed. */
  error: 3,
  /** Number of workers that may hold a position. */
  busy: 4,
} as const;

const COUNTERS = 8;
const ERROR_BYTES = 2048;
/** Bytes of the next position, for which 32 bits would be too few in a long run. */
const NEXT_BYTES = 8;
const HEAD_BYTES = NEXT_BYTES + COUNTERS * 4;
/** Bytes of each slot's counts: images made, images decoded. */
const SLOT_HEAD_BYTES = 8;
/** A batch's pixels begin at a multiple of it, so that TensorFlow takes them without a copy. */
const ALIGNMENT = 64;

const aligned = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

export interface RingShape {
  slots: number;
  /** Number of images in the largest batch. */
  batch: number;
  size: number;
  /** Number of bytes from a multiple of ALIGNMENT to the buffer itself; 0 where that isn't known. */
  bytesPastAlignment: number;
}

export class Ring {
  private readonly next: BigInt64Array;
  readonly counters: Int32Array;
  /** Number of images made of each slot's batch. */
  readonly made: Int32Array;
  /** Number of them that were decoded from files; the others came from the replay buffer. */
  readonly decoded: Int32Array;
  private readonly errorText: Uint8Array;

  constructor(
    readonly buffer: SharedArrayBuffer,
    readonly shape: RingShape,
  ) {
    this.next = new BigInt64Array(buffer, 0, 1);
    this.counters = new Int32Array(buffer, NEXT_BYTES, COUNTERS);
    this.made = new Int32Array(buffer, HEAD_BYTES, shape.slots);
    this.decoded = new Int32Array(buffer, HEAD_BYTES + shape.slots * 4, shape.slots);
    this.errorText = new Uint8Array(buffer, HEAD_BYTES + shape.slots * SLOT_HEAD_BYTES, ERROR_BYTES);
  }

  /** @param bytesPastAlignment returns how many bytes an array's memory begins after a multiple of 64 */
  static create(
    shape: Omit<RingShape, 'bytesPastAlignment'>,
    bytesPastAlignment: (values: Uint8Array) => number,
  ): Ring {
    const { slots, batch, size } = shape;
    const bytes =
      aligned(HEAD_BYTES + slots * SLOT_HEAD_BYTES + ERROR_BYTES) + ALIGNMENT + slots * Ring.slotBytes(batch, size);
    const buffer = new SharedArrayBuffer(bytes);
    return new Ring(buffer, { ...shape, bytesPastAlignment: bytesPastAlignment(new Uint8Array(buffer)) });
  }

  static slotBytes(batch: number, size: number): number {
    // Pixels come first, then labels and rectangles.
    return aligned(aligned(batch * size * size * 3) + batch * 20);
  }

  /** Takes the next position of the stream to make, relative to the first; no two callers get the same. */
  takePosition(): number {
    return Number(Atomics.add(this.next, 0, 1n));
  }

  /** Sets the position from which on positions are taken. */
  setPosition(position: number): void {
    Atomics.store(this.next, 0, BigInt(position));
  }

  labels(slot: number, count: number): Int32Array {
    return new Int32Array(this.buffer, this.integersStart(slot), count);
  }

  /** Returns the erased rectangles of a slot, [count, 4]. */
  erase(slot: number, count: number): Int32Array {
    return new Int32Array(this.buffer, this.integersStart(slot) + this.shape.batch * 4, count * 4);
  }

  images(slot: number, count: number): Uint8Array {
    const { size } = this.shape;
    return new Uint8Array(this.buffer, this.slotStart(slot), count * size * size * 3);
  }

  fail(message: string): void {
    const bytes = Buffer.from(message).subarray(0, ERROR_BYTES);
    this.errorText.set(bytes);
    Atomics.store(this.counters, COUNTER.error, bytes.length);
    for (let index = 0; index < COUNTERS; index++) Atomics.notify(this.counters, index);
    for (let slot = 0; slot < this.shape.slots; slot++) Atomics.notify(this.made, slot);
  }

  failure(): string | null {
    const length = Atomics.load(this.counters, COUNTER.error);
    return length ? Buffer.from(this.errorText.subarray(0, length)).toString() : null;
  }

  private slotStart(slot: number): number {
    const { slots, batch, size, bytesPastAlignment } = this.shape;
    const head = aligned(bytesPastAlignment + HEAD_BYTES + slots * SLOT_HEAD_BYTES + ERROR_BYTES) - bytesPastAlignment;
    return head + slot * Ring.slotBytes(batch, size);
  }

  private integersStart(slot: number): number {
    const { batch, size } = this.shape;
    return this.slotStart(slot) + aligned(batch * size * size * 3);
  }
}
