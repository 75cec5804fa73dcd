/**
 * Shared memory between the training thread and the loader's workers: a ring of batch slots and a few counters. Workers take positions of the
 * sample stream with Atomics; no message crosses while batches are made.
 */
export const COUNTER = {
  /** Generation: workers start when it grows. */
  generation: 0,
  /** Next position of the stream to make, relative to the first. */
  next: 1,
  /** Batches that the reader has given back. */
  released: 2,
  stop: 3,
  /** Length of the error's text, once a worker has failed. */
  error: 4,
  /** Workers that may hold a position. */
  busy: 5,
} as const;

const COUNTERS = 8;
const ERROR_BYTES = 2048;

export interface RingShape {
  slots: number;
  /** Images in the largest batch. */
  batch: number;
  size: number;
}

export class Ring {
  readonly counters: Int32Array;
  /** Images made of each slot's batch. */
  readonly made: Int32Array;
  private readonly errorText: Uint8Array;

  constructor(
    readonly buffer: SharedArrayBuffer,
    readonly shape: RingShape,
  ) {
    this.counters = new Int32Array(buffer, 0, COUNTERS);
    this.made = new Int32Array(buffer, COUNTERS * 4, shape.slots);
    this.errorText = new Uint8Array(buffer, COUNTERS * 4 + shape.slots * 4, ERROR_BYTES);
  }

  static bytes({ slots, batch, size }: RingShape): number {
    return COUNTERS * 4 + slots * 4 + ERROR_BYTES + slots * Ring.slotBytes(batch, size);
  }

  static create(shape: RingShape): Ring {
    return new Ring(new SharedArrayBuffer(Ring.bytes(shape)), shape);
  }

  static slotBytes(batch: number, size: number): number {
    // Labels, rectangles, then pixels, padded so that the next slot's integers are aligned.
    return batch * 20 + Math.ceil((batch * size * size * 3) / 4) * 4;
  }

  labels(slot: number, count: number): Int32Array {
    return new Int32Array(this.buffer, this.slotStart(slot), count);
  }

  /** [count, 4] */
  erase(slot: number, count: number): Int32Array {
    return new Int32Array(this.buffer, this.slotStart(slot) + this.shape.batch * 4, count * 4);
  }

  images(slot: number, count: number): Uint8Array {
    const { batch, size } = this.shape;
    return new Uint8Array(this.buffer, this.slotStart(slot) + batch * 20, count * size * size * 3);
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
    return COUNTERS * 4 + this.shape.slots * 4 + ERROR_BYTES + slot * Ring.slotBytes(this.shape.batch, this.shape.size);
  }
}
