/**
 * The loader on large datasets: orders that workers share, positions past 32 bits, and replacements without a list of a
 * class.
 */
import { appendFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { replacementOf } from '../../../src/main/engine/data/loader/make-sample';
import { orderMemory, SharedOrders } from '../../../src/main/engine/data/loader/shared-orders';
import { Ring } from '../../../src/main/engine/data/loader/shared-state';
import { EpochOrders } from '../../../src/main/engine/data/loader/stream';
import { readBox } from '../../../src/main/engine/data/loader/read-image';
import { permutation, rngOf, textKey } from '../../../src/shared/random';
import { smallSample, temporary } from '../../support/training';
import { entriesOf, tableFrom } from './table';

it('orders that are shared are those that each worker would make', () => {
  const count = 97;
  const own = new EpochOrders(count, 5);
  const memory = orderMemory(count);
  const shared = [new SharedOrders(memory, 5), new SharedOrders(memory, 5)];
  const positions = Array.from({ length: 6 * count }, (_, position) => position);
  expect(positions.map((position) => shared[position % 2]?.sampleAt(position))).toEqual(
    positions.map((position) => own.sampleAt(position)),
  );
  // A place is overwritten only when nobody needs it any more. Reading it afterwards throws an error.
  expect(() => shared[0]?.sampleAt(0)).toThrow('more than two epochs');
});

it('an order that another worker makes is waited for', async () => {
  const count = 50;
  const memory = orderMemory(count);
  Atomics.store(memory.states, 0, 1);
  const maker = new Worker(
    `const { workerData: { states, orders } } = require('node:worker_threads');
     setTimeout(() => { orders.fill(7); Atomics.store(states, 0, 2); Atomics.notify(states, 0); }, 100);`,
    { eval: true, workerData: memory },
  );
  await new Promise((resolve) => maker.once('online', resolve));
  expect(new SharedOrders(memory, 5).sampleAt(3)).toEqual({ epoch: 0, sample: 7 });
  await maker.terminate();
});

it('the orders of an epoch are the ones of before', () => {
  // These come from the version before orders were shared: rngOf(seed, shuffle, epoch) and Fisher and Yates.
  expect([...permutation(10, rngOf(3, textKey('shuffle'), 2))]).toEqual([5, 8, 1, 4, 9, 6, 2, 7, 3, 0]);
});

it('positions continue past 2^32', () => {
  const ring = Ring.create({ slots: 2, batch: 1, size: 2 }, () => 0);
  ring.setPosition(2 ** 32 - 1);
  expect([ring.takePosition(), ring.takePosition(), ring.takePosition()]).toEqual([2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1]);
});

it('a replacement is drawn from the others of its class, as from their list', () => {
  const labels = Int32Array.from({ length: 300 }, (_, sample) => sample % 7);
  labels[299] = 99;
  const table = { labels, count: labels.length } as Parameters<typeof replacementOf>[0];
  for (let sample = 0; sample < 300; sample++)
    for (let attempt = 0; attempt < 3; attempt++) {
      const rng = rngOf(1, textKey('replace'), 4, sample, attempt);
      const mates = [...labels.keys()].filter((other) => other !== sample && labels[other] === labels[sample]);
      const expected = mates[rng.below(mates.length)] ?? rng.below(labels.length);
      expect(replacementOf(table, { seed: 1, epoch: 4, sample }, attempt)).toBe(expected);
    }
});

it('a file of another size than at import is not read as what it was', async () => {
  const root = join(smallSample(temporary('sizes'), 2, ['zero', 'one']), 'train');
  const table = tableFrom(root, await entriesOf(root, 4));
  const path = new TextDecoder().decode(table.paths.slice(0, table.pathOffsets[1]));
  await expect(readBox(table, 0, null, null)).resolves.toBeDefined();
  appendFileSync(join(root, path), 'xyz');
  await expect(readBox(table, 0, null, null)).rejects.toThrow(/^It has [\d,]+ bytes now; at import it had [\d,]+\.$/);
  rmSync(join(root, path));
  await expect(readBox(table, 0, null, null)).rejects.toThrow('ENOENT');
});
