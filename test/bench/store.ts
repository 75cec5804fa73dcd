/** The store: points written and drawn, runs listed and compared, beside a bare table of the same points. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { databasePath } from '../../src/main/home';
import { compareRuns } from '../../src/main/services/compare';
import { CurveReader } from '../../src/main/store/curves';
import { EntryWriter } from '../../src/main/store/entries';
import { openStore } from '../../src/main/store/open';
import { runSummaries } from '../../src/main/store/run-list';
import { findRun, type Run } from '../../src/main/store/runs';
import { benchHome, pointsAt, SERIES } from './window/home';
import { addRun } from '../store/support';
import { spread, type Table } from './support/samples';

const [TIMES, STEPS, BATCH] = [7, 2000, 100];

export const title = 'The store';
export const notes = [
  `Writing: ${STEPS} steps of ${SERIES.length} series, ${BATCH} steps a transaction, with rollups; the bare table is (series, step, value) with its primary key, in the same transactions. Drawing: a series of 100,000 points in at most 1000 buckets;`,
  'of the bare table by GROUP BY. Twenty runs: their figures side by side, each 10 series of 10,000 points. 5,000 runs: all of them in short.',
].join('\n');

function times(act: () => void): number[] {
  return Array.from({ length: TIMES }, () => {
    const begun = performance.now();
    act();
    return performance.now() - begun;
  });
}

/** Thousands of points a second. */
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
        if (entry.kind === 'points') SERIES.forEach((name, series) => insert.run(series, entry.step, entry.values[name]));
    });
    begun = performance.now();
    for (let from = 0; from < STEPS; from += BATCH) some(from);
    bare.push(performance.now() - begun);
  }
  plain.close();
  store.close();
  return [rates(own), rates(bare)];
}

export async function measure(log: (line: string) => void, { quick }: { quick: boolean }): Promise<Table[]> {
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
    return [{ columns: ['what', 'ours', 'bare table'], rows }];
  } finally {
    store.close();
    rmSync(folder, { recursive: true, force: true });
    rmSync(made.home, { recursive: true, force: true });
  }
}
