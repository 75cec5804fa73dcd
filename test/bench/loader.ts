/** Measures images a second from JPEG files to the model's input, beside timm's transforms in torch's DataLoader. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadSampleTable } from '../../src/main/services/datasets/datasets';
import { databasePath } from '../../src/main/base/home';
import { openStore } from '../../src/main/store/open';
import type { SampleTable } from '../../src/main/engine/types';
import { peerPython } from '../support/peer-python.mjs';
import { importFolder } from '../support/training';
import type { LoaderCase } from './loader/ours';
import { median, spread, type Table } from './support/samples';
import { Side } from './support/side';

const root = join(import.meta.dirname, '../..');
const photographs = join(root, '..', 'shared', 'data', 'flowers');
const [ROUNDS, TURN_SECONDS, FLOOR] = [7, 3, 1.5];
const WORKERS = 2;
const THREADS = Math.min(2, cpus().length);
const COMMON = { size: 224, batch: 32, replayTimes: 1, workers: WORKERS, ahead: 4 * WORKERS, threads: THREADS };

export const title = 'The loader';
export const peer = true;
export const notes = [
  `Photographs of ../shared/data/flowers, ${WORKERS} workers on each side, batches of ${COMMON.batch}, ${ROUNDS} rounds in which the sides take turns of about ${TURN_SECONDS} s. Both: random-resized-crop to 224 px (bicubic), flip,`,
  'RandAugment (2 ops, mstd 0.5, increasing), low-frequency crop to B, normalisation, random erasing, mixup or cutmix; timm’s on torch’s DataLoader, ours as a run has it. Ratio: our images a second over timm’s.',
].join('\n');

interface Turn {
  seconds: number;
  images: number;
}

/** Returns [path, label] of every image. */
function filesOf({ count, root: folder, paths, pathOffsets, labels }: SampleTable): [string, number][] {
  const text = new TextDecoder();
  return Array.from({ length: count }, (_, at) => {
    const name = text.decode(paths.slice(pathOffsets[at], pathOffsets[at + 1]));
    return [join(folder, name), labels[at] as number];
  });
}

async function imported(home: string): Promise<[string, number][]> {
  const dataset = await importFolder(home, photographs);
  const store = openStore(databasePath(home));
  const files = filesOf(loadSampleTable(store, dataset, 'train'));
  store.close();
  return files;
}

async function speeds(sides: readonly Side[], rounds: number): Promise<number[][]> {
  const counts: number[] = [];
  for (const side of sides) {
    const { seconds } = await side.ask<Turn>({ batches: 2, ahead: 2 * COMMON.ahead });
    counts.push(Math.max(2, Math.round((2 * TURN_SECONDS) / seconds)));
  }
  const found = sides.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [at, side] of sides.entries()) {
      const { seconds, images } = await side.ask<Turn>({ batches: counts[at] as number, ahead: COMMON.ahead });
      found[at]?.push(images / seconds);
    }
  }
  return found;
}

export async function measure(log: (line: string) => void, { quick }: { quick: boolean }): Promise<Table[]> {
  if (!existsSync(photographs)) throw new Error(`${photographs} is not there: the measurement needs its images`);
  const home = mkdtempSync(join(tmpdir(), 'efficienttrain-bench-'));
  const files = await imported(home);
  const rows: string[][] = [];
  try {
    for (const bandwidth of quick ? [96] : [96, 160, 224]) {
      for (const magnitude of [0, 9]) {
        const peerCase = join(home, 'peer.json');
        writeFileSync(peerCase, JSON.stringify({ ...COMMON, bandwidth, magnitude, files }));
        const ourCase: LoaderCase = {
          ...{ ...COMMON, home, bandwidth, magnitude, workerFile: join(root, 'out', 'main', 'loader-worker.js') },
        };
        const runner = join(import.meta.dirname, 'support', 'run-typescript.mjs');
        const sides = [
          Side.start('ours', process.execPath, [
            runner,
            join(import.meta.dirname, 'loader', 'ours.ts'),
            JSON.stringify(ourCase),
          ]),
          Side.start('timm', peerPython(), [join(import.meta.dirname, 'loader', 'peer.py'), peerCase]),
        ];
        try {
          const [ours = [], theirs = []] = await speeds(sides, quick ? 2 : ROUNDS);
          const ratios = ours.map((value, round) => value / (theirs[round] as number));
          const ratio = `${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)})`;
          log(
            `B ${bandwidth}, m ${magnitude}: ours ${spread(ours, 'img/s')}, timm ${spread(theirs, 'img/s')}, ratio ${ratio}`,
          );
          rows.push([
            ...[String(bandwidth), String(magnitude), spread(ours, 'img/s'), spread(theirs, 'img/s'), ratio],
            median(ratios) >= FLOOR ? 'yes' : 'no',
          ]);
        } finally {
          await Promise.all(sides.map((side) => side.close()));
        }
      }
    }
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
  return [{ columns: ['B', 'magnitude', 'ours', 'timm', 'ratio', `at least ${FLOOR}`], rows }];
}
