/**
 * Measures the store: points written and drawn, runs listed and compared, beside a bare table of the same points, and a
 * training start on a large record.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { databasePath } from '../../src/main/base/home';
import { compareRuns } from '../../src/main/services/runs/compare';
import { CurveReader } from '../../src/main/store/curves';
import { EntryWriter } from '../../src/main/store/entries';
import { openStore } from '../../src/main/store/open';
import { runSummaries } from '../../src/main/store/run-list';
import { findRun, type Run } from '../../src/main/store/runs';
import { benchHome, pointsAt, SERIES } from './window/home';
import { addRun } from '../store/support';
import { bundled } from './support/bundle.mjs';
import { recordOf } from './store/record';
import { median, spread, type Table } from './support/samples';

const [TIMES, STEPS, BATCH] = [7, 2000, 100];

export const title = 'The store';
export const notes = [
  `Writing: ${STEPS} steps of ${SERIES.length} series, ${BATCH} steps a transaction, with rollups; the bare table is (series, step, value) with its primary key, in the same transactions. Drawing: a series of 100,000 points in at most 1000 buckets;`,
  'of the bare table by GROUP BY. Twenty runs: their figures side by side, each 10 series of 10,000 points. 5,000 runs: all of them in short. A start: the files compared with the record, the record read, the loader’s first batch, with two workers.',
].join('\n');

function times(act: () => void): number[] {
  return Array.from({ length: TIMES }, () => {
    const begun = performance.now();
    act();
    return performance.now() - begun;
  });
}

/** Returns thousands of points a second. */
const rates = (ms: readonly number[]): number[] => ms.map((value) => (STEPS * SERIES.length) / value);

function writing(folder: string): [number[], number[]] {
  const store = openStore(join(folder, 'written.db'));
  const own: number[] = [];
  const bare: number[] = [];
  const plain = new Database(join(folder, 'bare.db'));
  plain.pragma('journal_mode = WAL');
  plain.pragma('synchronous = NORMAL');
  for (let time = 0; time < TIMES; time++) {
    const writer = new EntryWriter(store, addRun(store, { name: `run ${time}` }, STEPS).id);
    const entries = Array.from({ length: STEPS }, (_, at) => pointsAt(at + 1, STEPS));
    let begun = performance.now();
    for (let from = 0; from < STEPS; from += BATCH) writer.write(entries.slice(from, from + BATCH));
    own.push(performance.now() - begun);
    plain.exec(
      'DROP TABLE IF EXISTS points; CREATE TABLE points (series INTEGER, step INTEGER, value REAL, PRIMARY KEY (series, step)) WITHOUT ROWID',
    );
    const insert = plain.prepare('INSERT INTO points VALUES (?, ?, ?)');
    const some = plain.transaction((from: number) => {
      for (const entry of entries.slice(from, from + BATCH))
        if (entry.kind === 'points')
          SERIES.forEach((name, series) => insert.run(series, entry.step, entry.values[name]));
    });
    begun = performance.now();
    for (let from = 0; from < STEPS; from += BATCH) some(from);
    bare.push(performance.now() - begun);
  }
  plain.close();
  store.close();
  return [rates(own), rates(bare)];
}

/** Number of ImageNet-1k's training images. */
const IMAGES = 1_281_167;
const [STARTS, FEW] = [3, 1000];
const [MOST_SECONDS, MOST_MIB] = [5, 300];

interface Start {
  /** Seconds until the files are compared with the record, the record is read, and the first batch is made. */
  seconds: number[];
  /** Seconds of processor time in all. While other programs run, it is more reliable than the elapsed time. */
  cpu: number;
  /** In bytes. */
  peak: number;
}

/** Measures starts on a record of many images and on one of a few, each in a process of its own. */
async function starting(folder: string, images: number, log: (line: string) => void): Promise<Table> {
  const bundle = await bundled(join(import.meta.dirname, 'store', 'start.ts'));
  const runner = join(import.meta.dirname, 'support', 'run-bundled.mjs');
  const worker = join(import.meta.dirname, '../../out/main/loader-worker.js');
  const homes = [await recordOf(folder, FEW), await recordOf(folder, images)];
  const found: Start[][] = [[], []];
  for (let round = 0; round < STARTS; round++) {
    for (const [at, home] of homes.entries()) {
      const { stdout, stderr } = spawnSync(process.execPath, [runner, bundle, home, worker], { encoding: 'utf8' });
      if (!stdout) throw new Error(stderr);
      found[at]?.push(JSON.parse(stdout) as Start);
    }
  }
  const [few = [], many = []] = found;
  const sum = ({ seconds }: Start): number => seconds.reduce((total, part) => total + part, 0);
  const more = many.map((start, round) => sum(start) - sum(few[round] as Start));
  const cpu = many.map((start, round) => start.cpu - (few[round] as Start).cpu);
  const mib = many.map(({ peak }, round) => (peak - (few[round] as Start).peak) / 2 ** 20);
  const parts = [0, 1, 2].map((part) =>
    spread(
      many.map(({ seconds }) => seconds[part] as number),
      's',
    ),
  );
  log(
    `  a start on ${images} images: ${parts.join(', ')}; more than on ${FEW}: ${spread(more, 's')}, ${spread(cpu, 's')} of processor time, ${spread(mib, 'MiB')}`,
  );
  const met = median(more) <= MOST_SECONDS && median(mib) <= MOST_MIB;
  return {
    title: `A training start on a record of ${images.toLocaleString('en')} images`,
    columns: [
      ...['files compared', 'record read', 'first batch', `more than with ${FEW} images`, 'more memory at the peak'],
      `<= ${MOST_SECONDS} s, <= ${MOST_MIB} MiB`,
    ],
    rows: [[...parts, spread(more, 's'), spread(mib, 'MiB'), met ? 'yes' : 'no']],
  };
}

interface StoreOptions {
  quick: boolean;
  images?: string;
}

export async function measure(log: (line: string) => void, { quick, images }: StoreOptions): Promise<Table[]> {
  const folder = mkdtempSync(join(tmpdir(), 'efficienttrain-bench-'));
  log('a data folder of 5,000 runs');
  const made = await benchHome({ runs: quick ? 100 : 5000, historySteps: 100 });
  const store = openStore(databasePath(made.home));
  try {
    const rows: string[][] = [];
    const found = (what: string, own: string, bare: string): void => {
      log(`  ${what}: ${own}${bare && `; bare ${bare}`}`);
      rows.push([what, own, bare]);
    };
    const [own, bare] = writing(folder);
    found('written, thousand points a second', spread(own, ''), spread(bare, ''));
    const range = { since: null, from: null, to: null, most: 1000 };
    const whole = store.prepare(
      `SELECT step / 100, avg(value), min(value), max(value) FROM points
        WHERE series_id = (SELECT id FROM series WHERE run_id = ? AND name = 'train/loss') GROUP BY 1`,
    );
    found(
      'a series of 100,000 points drawn',
      spread(
        times(() => new CurveReader(store, made.million).read('train/loss', range)),
        'ms',
      ),
      spread(
        times(() => whole.all(made.million)),
        'ms',
      ),
    );
    const compared = made.compared.map((id) => findRun(store, id)) as [Run, ...Run[]];
    found(
      '20 runs compared',
      spread(
        times(() => compareRuns(store, compared)),
        'ms',
      ),
      '',
    );
    found(
      '5,000 runs listed',
      spread(
        times(() => runSummaries(store)),
        'ms',
      ),
      '',
    );
    const start = await starting(folder, quick ? 20_000 : Number(images ?? IMAGES), log);
    return [{ columns: ['what', 'ours', 'bare table'], rows }, start];
  } finally {
    store.close();
    rmSync(folder, { recursive: true, force: true });
    rmSync(made.home, { recursive: true, force: true });
  }
}
