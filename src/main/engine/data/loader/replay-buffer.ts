/**
 * Images of the sample stream in memory that a loader's workers share. Each is made by the worker that needs it first
 * and copied by all others. A resumed run therefore makes the images that it draws again, with the same bits.
 */
import type { Rgb } from '../image/rgb';

export interface ReplayMemory {
  /** State of each place: 2 position + 1 while that image is made, 2 position + 2 once it is complete; 0: empty. */
  states: BigInt64Array;
  /** Label of each place's image. */
  labels: Int32Array;
  /** uint8 [places, size, size, 3] */
  images: Uint8Array;
}

/** Allocates the memory. @param places the number of images that one batch in flight may draw and another may push */
export const replayMemory = (places: number, size: number): ReplayMemory => ({
  states: new BigInt64Array(new SharedArrayBuffer(8 * places)),
  labels: new Int32Array(new SharedArrayBuffer(4 * places)),
  images: new Uint8Array(new SharedArrayBuffer(places * 3 * size * size)),
});

export interface HeldImage {
  /** uint8 [size, size, 3] */
  image: Rgb;
  label: number;
}

export class ReplayBuffer {
  constructor(
    private readonly memory: ReplayMemory,
    private readonly size: number,
    private readonly stopped: () => boolean,
  ) {}

  /**
   * Returns the image at a position of the stream, made by `make` where no worker has made it; null where the loader is
   * being closed. The pixels may be read until as many later images are asked for as there are places.
   */
  async take(position: number, make: () => Promise<HeldImage>): Promise<(HeldImage & { made: boolean }) | null> {
    const { states, labels } = this.memory;
    const place = position % states.length;
    const whole = 2n * BigInt(position) + 2n;
    for (let state = Atomics.load(states, place); state !== whole; state = Atomics.load(states, place)) {
      if (state > whole) throw new Error(`the image at ${position} has left the replay buffer while it was drawn`);
      if (state === whole - 1n) {
        if (this.stopped()) return null;
        Atomics.wait(states, place, state, 500);
      } else if (Atomics.compareExchange(states, place, state, whole - 1n) === state) {
        const made = await make();
        this.pixels(place).set(made.image.data);
        labels[place] = made.label;
        Atomics.store(states, place, whole);
        Atomics.notify(states, place);
        return { ...made, made: true };
      }
    }
    const image = { data: this.pixels(place), width: this.size, height: this.size };
    return { image, label: labels[place] as number, made: false };
  }

  private pixels(place: number): Uint8Array {
    const bytes = 3 * this.size * this.size;
    return this.memory.images.subarray(place * bytes, (place + 1) * bytes);
  }
}
