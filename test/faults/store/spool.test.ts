/** The file that a run writes when the database can't be written, truncated at any place. */
import { classesEntry } from '../../support/classes-entry';
import { existsSync, readFileSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { databasePath } from '../../../src/main/base/home';
import { EntryWriter, type Entry } from '../../../src/main/store/entries';
import { lastEvaluation } from '../../../src/main/services/runs/class-accuracy';
import { eventsOf } from '../../../src/main/store/events';
import { pointsOf } from '../../../src/main/store/metrics';
import { openStore, type Store } from '../../../src/main/store/open';
import { claimRun, runById, type Run } from '../../../src/main/store/runs';
import { spoolEntries, spoolPathOf, takeSpooled, type Write } from '../../../src/main/store/spool';
import { summaryOf } from '../../../src/main/store/summary';
import { addRun, pointsAt, temporaryHome } from '../../store/support';

const point = (step: number, value = step): Entry => pointsAt(step, { 'train/loss': value });
const event = (message: string, step = 1): Entry => ({ kind: 'event', step, time: '2026', name: 'note', message });

let store: Store;
let run: Run;
let spoolPath: string;
beforeEach(() => {
  const home = temporaryHome();
  store = openStore(databasePath(home));
  run = addRun(store);
  spoolPath = spoolPathOf(home, run.id);
});

const steps = (): number[] => pointsOf(store, run.id, 'train/loss').map(({ step }) => step);

describe('spool file', () => {
  /** A disk with room for this many more bytes. */
  const roomFor = (bytes: number): Write => {
    let left = bytes;
    return (handle, buffer, offset) => {
      if (left <= 0) throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
      const written = writeSync(handle, buffer, offset, Math.min(left, buffer.length - offset));
      left -= written;
      return written;
    };
  };

  it.each([0, 1, 20, 60, 100, 150, 200, 250])(
    'whose disk was full after %i bytes loses nothing and doubles nothing',
    (bytes) => {
      const entries = [point(1), event('one'), event('two', 2), point(2)];
      expect(() => spoolEntries(spoolPath, entries, roomFor(bytes))).toThrow('ENOSPC');
      expect(readFileSync(spoolPath, 'utf8')).toBe('');
      spoolEntries(spoolPath, entries);
      expect(() => spoolEntries(spoolPath, [point(3), event('three')], roomFor(Math.min(bytes, 120)))).toThrow(
        'ENOSPC',
      );
      spoolEntries(spoolPath, [point(3), event('three')]);
      expect(takeSpooled(store, run.id, spoolPath)).toBe(6);
      expect(steps()).toEqual([1, 2, 3]);
      expect(eventsOf(store, run.id).map(({ message }) => message)).toEqual(['one', 'two', 'three']);
      expect(existsSync(`${spoolPath}.damaged`)).toBe(false);
    },
  );

  it('whose writer was killed in the middle of a line loses that line only, though it continues after it', () => {
    spoolEntries(spoolPath, [point(1), event('one')]);
    truncateSync(spoolPath, readFileSync(spoolPath).length - 5);
    spoolEntries(spoolPath, [event('one'), point(2)]);
    expect(takeSpooled(store, run.id, spoolPath)).toBe(3);
    expect(steps()).toEqual([1, 2]);
    expect(eventsOf(store, run.id).map(({ kind }) => kind)).toEqual(['note', 'spool_damaged']);
  });

  it('whose entries have come into the database before, or come twice, changes nothing', () => {
    const entries = [point(1), event('one'), event('two'), point(2)];
    new EntryWriter(store, run.id).write(entries);
    spoolEntries(spoolPath, [...entries, ...entries]);
    takeSpooled(store, run.id, spoolPath);
    expect(steps()).toEqual([1, 2]);
    expect(eventsOf(store, run.id).map(({ message }) => message)).toEqual(['one', 'two']);
    expect(summaryOf(store, run.id, 'train/loss')?.count).toBe(2);
  });

  it('without its first line is taken in once, too', () => {
    spoolEntries(spoolPath, [event('one')]);
    writeFileSync(spoolPath, readFileSync(spoolPath, 'utf8').split('\n').slice(1).join('\n'));
    const copy = readFileSync(spoolPath);
    expect(takeSpooled(store, run.id, spoolPath)).toBe(1);
    writeFileSync(spoolPath, copy);
    expect(takeSpooled(store, run.id, spoolPath)).toBe(0);
  });

  it('is taken in once, even if it could not be removed the first time', () => {
    spoolEntries(spoolPath, [event('one'), point(1)]);
    spoolEntries(spoolPath, [event('two')]);
    const copy = readFileSync(spoolPath);
    expect(takeSpooled(store, run.id, spoolPath)).toBe(3);
    writeFileSync(spoolPath, copy);
    expect(takeSpooled(store, run.id, spoolPath)).toBe(0);
    expect(existsSync(spoolPath)).toBe(false);
    expect(eventsOf(store, run.id).map(({ message }) => message)).toEqual(['one', 'two']);
    expect(takeSpooled(store, run.id, spoolPath)).toBe(0);
  });

  it('that was cut off gives its whole lines, and is kept aside with a note', () => {
    spoolEntries(spoolPath, [point(1), point(2), point(3)]);
    truncateSync(spoolPath, readFileSync(spoolPath).length - 20);
    expect(takeSpooled(store, run.id, spoolPath)).toBe(2);
    expect(steps()).toEqual([1, 2]);
    expect(existsSync(`${spoolPath}.damaged`)).toBe(true);
    expect(eventsOf(store, run.id)[0]).toMatchObject({
      kind: 'spool_damaged',
      message: expect.stringContaining('1 lines') as string,
    });
  });

  it('of a run that has a new trainer gives its points, not its state', () => {
    claimRun(store, run.id, process.pid);
    spoolEntries(spoolPath, [
      point(1),
      { kind: 'run', state: 'stopped', step: 1, release: true, error: null, ended: 'then' },
    ]);
    takeSpooled(store, run.id, spoolPath);
    expect(runById(store, run.id)).toMatchObject({ state: 'preparing', pid: process.pid, step: 1, ended: null });
    expect(steps()).toEqual([1]);
  });

  it('keeps what is not finite as a hole, and a confusion matrix whole', () => {
    spoolEntries(spoolPath, [
      point(1, NaN),
      classesEntry(
        1,
        'raw',
        [
          { correct: 0, count: 2 },
          { correct: 5, count: 5 },
        ],
        [0, 2, 0, 5],
      ),
    ]);
    takeSpooled(store, run.id, spoolPath);
    expect(pointsOf(store, run.id, 'train/loss')).toEqual([{ step: 1, value: null }]);
    expect(lastEvaluation(store, run.id, 'raw')?.confusion).toEqual([
      [0, 2],
      [0, 5],
    ]);
  });
});
