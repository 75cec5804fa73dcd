import Database from 'better-sqlite3';
import { beforeEach, describe, expect, it } from 'vitest';
import { databasePath } from '../../src/main/base/home';
import { EntryWriter } from '../../src/main/store/entries';
import { checkpointRows } from '../../src/main/store/checkpoints';
import { eventsOf } from '../../src/main/store/events';
import { exportsOf } from '../../src/main/store/exports';
import { stageTimes } from '../../src/main/store/stages';
import { learningOrderByClass } from '../../src/main/services/runs/learning-order';
import { imagesMeasured, lastEvaluation } from '../../src/main/services/runs/class-accuracy';
import { CurveReader } from '../../src/main/store/curves';
import { lineageOf } from '../../src/main/store/lineage';
import { pointsOf, seriesNames, truncateAfter } from '../../src/main/store/metrics';
import { openStore, type Store } from '../../src/main/store/open';
import { runChanges, runSummaries } from '../../src/main/store/run-list';
import { claimRun, findRun, listRuns, orphanedRuns, requestRun, runById } from '../../src/main/store/runs';
import { traceOf } from '../../src/main/store/ownership';
import { countSamples, fileStates, sampleColumns, problemsOf, samplesOf } from '../../src/main/store/samples';
import { runsUsing } from '../../src/main/store/datasets';
import { SummaryReader, summaryOf } from '../../src/main/store/summary';
import { addRun, temporaryHome } from './support';

/** The statements that functions of the store really run, each with SQLite's plan for it. */
describe('query plans', () => {
  let store: Store;
  let id: string;
  let statements: string[];

  beforeEach(() => {
    const path = databasePath(temporaryHome());
    const first = openStore(path);
    id = addRun(first).id;
    const points = Array.from({ length: 3000 }, (_, index) => ({
      kind: 'points' as const,
      step: index + 1,
      values: { 'val/top1': index / 3000 },
      wallMs: index,
      equivalentEpochs: index,
    }));
    new EntryWriter(first, id).write(points);
    first.close();
    statements = [];
    store = new Database(path, { verbose: (sql) => statements.push(String(sql)) });
  });

  const plansOf = (act: () => unknown): string[] => {
    statements.length = 0;
    act();
    const queries = statements.filter((sql) => /^(SELECT|UPDATE|DELETE|INSERT[^;]*SELECT)/.test(sql));
    expect(queries.length).toBeGreaterThan(0);
    return queries.flatMap((sql) =>
      (store.prepare(`EXPLAIN QUERY PLAN ${sql}`).all() as { detail: string }[]).map(({ detail }) => detail),
    );
  };

  const searches: [string, (store: Store, id: string) => unknown][] = [
    ['pointsOf', (db, run) => pointsOf(db, run, 'val/top1', 100)],
    [
      'a curve of points',
      (db, run) => new CurveReader(db, run).read('val/top1', { since: null, from: 10, to: 20, most: 1000 }),
    ],
    [
      'a curve of buckets',
      (db, run) => new CurveReader(db, run).read('val/top1', { since: null, from: null, to: null, most: 50 }),
    ],
    ['summaryOf', (db, run) => summaryOf(db, run, 'val/top1')],
    ['spent', (db, run) => new SummaryReader(db).spent(run, 'val/top1')],
    ['imagesMeasured', (db, run) => imagesMeasured(db, run)],
    ['truncateAfter', (db, run) => truncateAfter(db, run, 1234)],
    ['seriesNames', (db, run) => seriesNames(db, run)],
    ['eventsOf', (db, run) => eventsOf(db, run)],
    ['stageTimes', (db, run) => stageTimes(db, run)],
    ['checkpointRows', (db, run) => checkpointRows(db, run)],
    ['exportsOf', (db, run) => exportsOf(db, run)],
    ['lastEvaluation', (db, run) => lastEvaluation(db, run, 'raw')],
    ['learningOrderByClass', (db, run) => learningOrderByClass(db, findRun(db, run), 'raw')],
    ['runById', (db, run) => runById(db, run)],
    ['lineageOf', (db, run) => lineageOf(db, findRun(db, run))],
    ['traceOf', (db, run) => traceOf(db, run)],
    ['orphanedRuns', (db) => orphanedRuns(db)],
    ['claimRun', (db, run) => claimRun(db, run, process.pid)],
    ['requestRun', (db, run) => requestRun(db, findRun(db, run), 'stop')],
    ['findRun by prefix', (db, run) => findRun(db, run.slice(0, 3))],
    ['samplesOf', (db) => [...samplesOf(db, 'd', 'train')]],
    ['sampleColumns', (db) => [...sampleColumns(db, 'd', 'train')]],
    ['fileStates', (db) => [...fileStates(db, 'd', 'train', 10)]],
    ['countSamples', (db) => countSamples(db, 'd', 'train')],
    ['problemsOf', (db) => problemsOf(db, 'd')],
    ['runsUsing', (db) => runsUsing(db, 'd')],
    ['runChanges', (db) => runChanges(db, 0)],
  ];

  it.each(searches)('%s reads no table from end to end', (_, act) => {
    // `b` is not a table but a result: the buckets of a curve.
    expect(plansOf(() => act(store, id)).filter((detail) => detail.startsWith('SCAN') && detail !== 'SCAN b')).toEqual(
      [],
    );
  });

  it.each<[string, (store: Store, id: string) => unknown]>([
    ['pointsOf', (db, run) => pointsOf(db, run, 'val/top1', 100)],
    ['samplesOf', (db) => [...samplesOf(db, 'd', 'train')]],
    ['checkpointRows', (db, run) => checkpointRows(db, run)],
  ])('%s sorts nothing that an index has sorted', (_, act) => {
    expect(plansOf(() => act(store, id)).filter((detail) => detail.includes('TEMP B-TREE'))).toEqual([]);
  });

  it('listRuns follows its index', () => {
    expect(plansOf(() => listRuns(store))).toEqual([
      'SCAN runs USING INDEX runs_listed',
      'CORRELATED SCALAR SUBQUERY 1',
      'SEARCH parents USING INDEX sqlite_autoindex_runs_1 (id=?)',
    ]);
  });

  it('runSummaries reads an index alone, in its order', () => {
    const plans = plansOf(() => runSummaries(store));
    expect(plans[0]).toBe('SCAN runs USING COVERING INDEX runs_listed');
    expect(plans.slice(1).every((detail) => detail.startsWith('SEARCH datasets'))).toBe(true);
  });

  it('a query without an index would be noticed', () => {
    expect(
      plansOf(() => store.prepare('SELECT step FROM points WHERE value > 0.5').all()).filter((detail) =>
        detail.startsWith('SCAN'),
      ),
    ).toEqual(['SCAN points']);
  });
});
