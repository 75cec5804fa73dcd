/**
 * Orders of a large dataset's epochs, in memory that a loader's workers share. Each is made once, by the worker that
 * needs it first. There is room for two, which is enough where all images in flight fit into one epoch.
 */
import { permute } from '../../../../shared/random';
import { orderRng, type Orders } from './stream';

export interface OrderMemory {
  /** State of each place: 2 epoch + 1 while that epoch's order is made, 2 epoch + 2 once it is complete; 0: empty. */
  states: Int32Array;
  /** [2, count] */
  orders: Uint32Array;
}

const PLACES = 2;

export const orderMemory = (count: number): OrderMemory => ({
  states: new Int32Array(new SharedArrayBuffer(4 * PLACES)),
  orders: new Uint32Array(new SharedArrayBuffer(4 * PLACES * count)),
});

export class SharedOrders implements Orders {
  private readonly count: number;

  constructor(
    private readonly memory: OrderMemory,
    private readonly seed: number,
  ) {
    this.count = memory.orders.length / PLACES;
  }

  sampleAt(position: number): { epoch: number; sample: number } {
    const epoch = Math.floor(position / this.count);
    const place = epoch % PLACES;
    this.makeSure(epoch, place);
    return { epoch, sample: this.memory.orders[place * this.count + (position % this.count)] as number };
  }

  private makeSure(epoch: number, place: number): void {
    const { states, orders } = this.memory;
    const whole = 2 * epoch + 2;
    for (let state = Atomics.load(states, place); state !== whole; state = Atomics.load(states, place)) {
      if (state === whole - 1) Atomics.wait(states, place, state, 1000);
      else if (state > whole)
        throw new Error(`the order of epoch ${epoch} is gone: images of more than two epochs are on their way`);
      else if (Atomics.compareExchange(states, place, state, whole - 1) === state) {
        permute(orders.subarray(place * this.count, (place + 1) * this.count), orderRng(this.seed, epoch));
        Atomics.store(states, place, whole);
        Atomics.notify(states, place);
      }
    }
  }
}
