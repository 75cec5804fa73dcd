/**
 * Measures a slow source with the replay buffer: images a second of one stage by `replay_times`, and the cost of
 * holding an image.
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cropMatrix } from '../../../src/shared/curriculum/low-frequency';
import { importFolder } from '../../support/training';
import { median, spread, type Table } from '../support/samples';
import { Side } from '../support/side';
import type { LoaderCase } from './ours';

const root = join(import.meta.dirname, '../../..');
const photographs = join(root, '..', 'shared', 'data', 'flowers');
const workerFile = join(root, 'out', 'main', 'loader-worker.js');
/** Delay of each file of the source, in milliseconds. */
const DELAY_MS = 50;
const [SIZE, BANDWIDTH, BATCH, WORKERS, ROUNDS] = [128, 64, 128, 2, 3];
const TIMES = [1, 2, 4];
const FLOOR = 0.9;

export const title = 'A slow source, replayed';
export const notes = [
  `Photographs of ../shared/data/flowers at ${SIZE} px, B ${BANDWIDTH}, RandAugment off, batches of ${BATCH}, ${WORKERS} workers. The source is slowed down: each`,
  `file comes ${DELAY_MS} ms later. Every batch goes through low-frequency crop, normalisation, erasing and mixing, as in a step. The sides take turns,`,
  `${ROUNDS} rounds. Wanted: images a second of at least ${FLOOR} x replay_times, relative to 1.`,
].join('\n');

interface Turn {
  seconds: number;
  images: number;
}

/** Makes the built workers read a source that answers slowly, as a network's does. */
function slowWorker(folder: string): string {
  const file = join(folder, 'slow-worker.mjs');
  const lines = [
    "import fs from 'node:fs';",
    "import { syncBuiltinESMExports } from 'node:module';",
    'const read = fs.readFileSync;',
    'const pause = new Int32Array(new SharedArrayBuffer(4));',
    'fs.readFileSync = (path, ...rest) => {',
    `  if (/\\.(jpe?g|png)$/i.test(String(path))) Atomics.wait(pause, 0, 0, ${DELAY_MS});`,
    '  return read(path, ...rest);',
    '};',
    'syncBuiltinESMExports();',
    `await import(${JSON.stringify(workerFile)});`,
  ];
  writeFileSync(file, lines.join('\n'));
  return file;
}

async function throughputs(home: string, rounds: number): Promise<number[][]> {
  const runner = join(import.meta.dirname, '..', 'support', 'run-typescript.mjs');
  const common = {
    home,
    bandwidth: BANDWIDTH,
    size: SIZE,
    magnitude: 0,
    batch: BATCH,
    workers: WORKERS,
    ahead: 3,
    threads: 1,
  };
  const cases = TIMES.map((replayTimes): LoaderCase => ({ ...common, replayTimes, workerFile: slowWorker(home) }));
  const sides = cases.map((one) =>
    Side.start(`replay_times ${one.replayTimes}`, process.execPath, [
      runner,
      join(import.meta.dirname, 'ours.ts'),
      JSON.stringify(one),
    ]),
  );
  const found = sides.map((): number[] => []);
  try {
    for (let round = 0; round < rounds; round++) {
      for (const [at, side] of sides.entries()) {
        const { seconds, images } = await side.ask<Turn>({ batches: 3 * (TIMES[at] as number), ahead: 4 });
        found[at]?.push(images / seconds);
      }
    }
  } finally {
    await Promise.all(sides.map((side) => side.close()));
  }
  return found;
}

/** Returns the milliseconds of an image's way into the buffer and out of it. */
function timed(act: () => void): number {
  const begun = performance.now();
  let count = 0;
  for (; count < 5 || performance.now() - begun < 400; count++) act();
  return (performance.now() - begun) / count;
}

/**
 * Applies the crop's two products on the processor, with a matrix that exists already: the work of a loader that holds
 * an image at B.
 */
function cropped(view: Uint8Array, matrix: Float32Array, size: number, bandwidth: number): Float32Array {
  const [rows, out] = [new Float32Array(bandwidth * size * 3), new Float32Array(bandwidth * bandwidth * 3)];
  const width = size * 3;
  for (let m = 0; m < bandwidth; m++) {
    for (let n = 0; n < size; n++) {
      const weight = matrix[m * size + n] as number;
      for (let at = 0; at < width; at++) rows[m * width + at]! += weight * (view[n * width + at] as number);
    }
  }
  for (let row = 0; row < bandwidth; row++) {
    for (let m = 0; m < bandwidth; m++) {
      for (let n = 0; n < size; n++) {
        const weight = matrix[m * size + n] as number;
        for (let c = 0; c < 3; c++)
          out[(row * bandwidth + m) * 3 + c]! += weight * (rows[row * width + n * 3 + c] as number);
      }
    }
  }
  return out;
}

/** Compares holding uint8 views at the final size with holding the device's cropped images in half precision. */
function holding(size: number, bandwidth: number): string[] {
  const view = new Uint8Array(3 * size * size).map((_, at) => (at * 7919) % 256);
  const [kept, out] = [new Uint8Array(view.length), new Uint8Array(view.length)];
  const bytes = timed(() => {
    kept.set(view);
    out.set(kept);
  });
  const half = new Uint16Array(3 * bandwidth * bandwidth);
  const matrix = Float32Array.from(cropMatrix(size, bandwidth).real);
  const halves = timed(() => {
    const data = cropped(view, matrix, size, bandwidth);
    for (let at = 0; at < half.length; at++) half[at] = toHalf(data[at] as number);
  });
  const kB = (count: number): string => `${(count / 1024).toFixed(0)} kB`;
  return [
    `${size}`,
    `${bandwidth}`,
    kB(view.length),
    kB(2 * half.length),
    `${bytes.toFixed(3)} ms`,
    `${halves.toFixed(1)} ms`,
  ];
}

const [float, bits] = ((): [Float32Array, Uint32Array] => {
  const one = new Float32Array(1);
  return [one, new Uint32Array(one.buffer)];
})();

/** Returns the bits of a normal number in half precision, truncated. */
function toHalf(value: number): number {
  float[0] = value;
  const all = bits[0] as number;
  return ((all >>> 16) & 0x8000) | (((((all >>> 23) & 0xff) - 112) & 0x1f) << 10) | ((all >>> 13) & 0x3ff);
}

export async function measure(log: (line: string) => void, { quick }: { quick: boolean }): Promise<Table[]> {
  if (!existsSync(photographs)) throw new Error(`${photographs} is not there: the measurement needs its images`);
  const home = mkdtempSync(join(tmpdir(), 'efficienttrain-bench-'));
  try {
    await importFolder(home, photographs);
    const found = await throughputs(home, quick ? 1 : ROUNDS);
    const base = found[0] ?? [];
    const rows = TIMES.map((times, at) => {
      const own = found[at] ?? [];
      const ratios = own.map((value, round) => value / (base[round] as number));
      const ratio = `${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)})`;
      log(`replay_times ${times}: ${spread(own, 'img/s')}, ratio ${ratio}`);
      return [String(times), spread(own, 'img/s'), ratio, median(ratios) >= FLOOR * times ? 'yes' : 'no'];
    });
    return [
      { columns: ['replay_times', 'images a second', 'relative to 1', `at least ${FLOOR} x replay_times`], rows },
      {
        title: 'What an image in the buffer costs: as uint8 view, or in half precision at B',
        columns: ['size', 'B', 'uint8', 'half', 'uint8, in and out', 'half, in'],
        rows: [96, 160, 192].map((bandwidth) => holding(224, bandwidth)),
      },
    ];
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
