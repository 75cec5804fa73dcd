/**
 * Replayed batches equal those of a real buffer: an array to which fresh batches are appended, and which whole batches
 * leave.
 */
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { mostPushed, sourceOf } from '../../../src/main/engine/data/loader/replay';
import { createTrainLoader } from '../../../src/main/engine/data/loader/train-loader';
import type { LoaderPlan, LoaderStage, SampleTable } from '../../../src/main/engine/types';
import { rngOf, textKey } from '../../../src/shared/random';
import { planOf, read, SIGNS, workerFile, type Seen } from './plans';
import { entriesOf, tableFrom } from './table';

const SEED = 7;
const SIZE = 32;
/** Stages with parts of one image, with parts of two, without replay, and with parts of one again. */
const STAGES: readonly LoaderStage[] = [
  { firstStep: 0, steps: 3, batch: 64, replayTimes: 2, bandwidth: 16, magnitude: 0, magnitudeEnd: 2 },
  { firstStep: 3, steps: 3, batch: 128, replayTimes: 2, bandwidth: 24, magnitude: 4, magnitudeEnd: 6 },
  { firstStep: 6, steps: 1, batch: 16, replayTimes: 1, bandwidth: 24, magnitude: 4, magnitudeEnd: 6 },
  { firstStep: 7, steps: 2, batch: 128, replayTimes: 4, bandwidth: 32, magnitude: 8, magnitudeEnd: 9 },
];
const STEPS = 9;
/** Capacity of the buffer in images; the first two stages append 288. */
const HELD = 150;
const PARTS = 32;

/** Returns the stream's positions in each batch of `STAGES`. The buffer is a list of its images, the oldest first. */
function simulated(): number[][] {
  let [next, buffer]: [number, number[]] = [0, []];
  const batches: number[][] = [];
  for (const { firstStep, steps, batch, replayTimes } of STAGES) {
    const count = batch / replayTimes;
    for (let step = firstStep; step < firstStep + steps; step++) {
      const fresh = Array.from({ length: count }, () => next++);
      if (replayTimes === 1) {
        buffer = [];
        batches.push(fresh);
        continue;
      }
      buffer.push(...fresh);
      const room = Math.floor(HELD / count) * count;
      if (buffer.length > room) buffer = buffer.slice(-room);
      const size = count / PARTS;
      const parts = Array.from({ length: Math.floor(buffer.length / size) }, (_, part) => {
        const end = buffer.length - part * size;
        return buffer.slice(end - size, end);
      });
      const drawn = Array.from({ length: (replayTimes - 1) * PARTS }, (_, draw) => {
        const chosen = rngOf(SEED, textKey('replay'), step, draw).below(parts.length);
        return parts[chosen] as number[];
      });
      batches.push([...fresh, ...drawn.flat()]);
    }
  }
  return batches;
}

let table: SampleTable;
let reference: Seen[];
const replaying = (changes: Partial<LoaderPlan> = {}): LoaderPlan =>
  planOf(table, { stages: STAGES, replayImages: HELD, ...changes });

beforeAll(async () => {
  // Each sample's label is its index, so that labels identify samples.
  const entries = (await entriesOf(SIGNS, 23)).map((entry, label) => ({ ...entry, label }));
  table = tableFrom(join(import.meta.dirname, '../../..', SIGNS), entries);
  reference = (await read(replaying({ workers: 1 }), 0, STEPS)).seen;
});

describe('what a batch consists of', () => {
  const draws = { stages: STAGES, seed: SEED, held: HELD };

  it('is what a kept buffer gives, over borders between parts of one size and of another', () => {
    for (const [step, positions] of simulated().entries()) {
      const stage = STAGES.findLast(({ firstStep }) => firstStep <= step) as LoaderStage;
      expect(
        positions.map((_, index) => sourceOf(draws, { stage, step, index })),
        `step ${step}`,
      ).toEqual(positions);
    }
  });

  it('is drawn evenly from all that the buffer holds', () => {
    const stage: LoaderStage = { ...(STAGES[3] as LoaderStage), firstStep: 0, steps: 4000 };
    const counts = new Map<number, number>();
    for (let step = 3000; step < 4000; step++) {
      for (let index = 32; index < 128; index++) {
        const age = step * 32 + 31 - sourceOf({ stages: [stage], seed: SEED, held: 128 }, { stage, step, index });
        counts.set(age, (counts.get(age) ?? 0) + 1);
      }
    }
    expect([...counts.keys()].sort((a, b) => a - b)).toEqual([...Array(128).keys()]);
    // Each is drawn 750 times on average, with a standard deviation of 27.
    for (const count of counts.values()) expect(Math.abs(count - 750)).toBeLessThan(5 * 27);
  });

  it('needs memory for what is pushed, and for no more than is allowed', () => {
    expect(mostPushed(STAGES, HELD)).toBe(HELD);
    expect(mostPushed(STAGES, 10_000)).toBe(3 * 32 + 3 * 64);
    expect(mostPushed([STAGES[2] as LoaderStage], HELD)).toBe(0);
  });
});

describe('replayed batches', () => {
  it('hold the images that were fresh at the drawn positions, with their labels', () => {
    const positions = simulated();
    const labels = new Map<number, number>();
    for (const [step, batch] of positions.entries()) {
      const { labels: seen, decoded } = reference[step] as Seen;
      const fresh = new Set(batch).size;
      expect(seen).toHaveLength(batch.length);
      for (const [index, position] of batch.entries()) {
        if (!labels.has(position)) labels.set(position, seen[index] as number);
        expect(seen[index]).toBe(labels.get(position));
      }
      const stage = STAGES.findLast(({ firstStep }) => firstStep <= step) as LoaderStage;
      expect(decoded).toBe(stage.batch / stage.replayTimes);
      expect(decoded).toBeLessThanOrEqual(fresh);
    }
    // Each epoch still shows every sample once.
    const order = [...labels].sort(([a], [b]) => a - b).map(([, label]) => label);
    expect(order.slice(0, 23).sort((a, b) => a - b)).toEqual([...Array(23).keys()]);
  });

  it('repeat pixels, not rectangles', async () => {
    const loader = createTrainLoader(workerFile, replaying(), 0);
    const bytes = SIZE * SIZE * 3;
    const pixels = new Map<number, Buffer>();
    const rectangles = new Map<number, Set<string>>();
    try {
      for (const [step, batch] of simulated().entries()) {
        const { images, erase } = loader.next();
        for (const [index, position] of batch.entries()) {
          const own = Buffer.from(images.slice(index * bytes, (index + 1) * bytes));
          expect(own.equals(pixels.get(position) ?? own)).toBe(true);
          pixels.set(position, own);
          const box = erase.slice(index * 4, index * 4 + 4);
          const side = STAGES.findLast(({ firstStep }) => firstStep <= step)?.bandwidth as number;
          expect((box[0] as number) + (box[2] as number)).toBeLessThanOrEqual(side);
          expect((box[1] as number) + (box[3] as number)).toBeLessThanOrEqual(side);
          rectangles.set(position, (rectangles.get(position) ?? new Set()).add(box.join()));
        }
        loader.release({ step, images, labels: new Int32Array(), erase, waitMs: 0 });
      }
    } finally {
      await loader.close();
    }
    expect([...rectangles.values()].filter((used) => used.size > 1).length).toBeGreaterThan(20);
  });

  it.each([2, 3])('are the same with %i workers', async (workers) => {
    expect((await read(replaying({ workers }), 0, STEPS)).seen).toEqual(reference);
  });

  it('are the same out of the smallest ring', async () => {
    expect((await read(replaying({ prefetchBytes: 1 }), 0, STEPS)).seen).toEqual(reference);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('are the same where the loader begins at step %i', async (start) => {
    const { seen } = await read(replaying(), start, STEPS - start);
    const pictures = (list: Seen[]): unknown[] => list.map(({ decoded: _, ...rest }) => rest);
    expect(pictures(seen)).toEqual(pictures(reference.slice(start)));
    // Images that had been in the buffer are made again when they are drawn, once.
    for (const [index, { decoded }] of seen.entries())
      expect(decoded).toBeGreaterThanOrEqual(reference[start + index]?.decoded as number);
  });

  it('are others with another bound of the buffer, once that is full', async () => {
    const { seen } = await read(replaying({ replayImages: 64 }), 0, STEPS);
    expect(seen.slice(0, 2).map(({ hash }) => hash)).toEqual(reference.slice(0, 2).map(({ hash }) => hash));
    expect(seen[5]?.hash).not.toBe(reference[5]?.hash);
  });
});
