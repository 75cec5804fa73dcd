/** Actions that tests run in other processes: `node child.js ACTION HOME RUN`. It prints one JSON line. */
import { databasePath } from '../../src/main/base/home';
import { AppError } from '../../src/shared/errors';
import { EntryWriter } from '../../src/main/store/entries';
import { openStore } from '../../src/main/store/open';
import { claimRun, reconcileRuns } from '../../src/main/store/runs';
import { spoolPathOf } from '../../src/main/store/spool';
import { WriterQueue } from '../../src/main/store/writer-queue';

const [, , action, home = '', runId = ''] = process.argv;
const say = (value: unknown): void => console.log(JSON.stringify(value));

const actions: Record<string, () => void> = {
  /** Opens the store and prints the result. */
  open: () => {
    openStore(databasePath(home)).close();
    say('opened');
  },
  /** Claims a run at a moment that all children share. */
  claim: () => {
    const store = openStore(databasePath(home));
    const at = Number(process.env['AT_MS']);
    while (Date.now() < at);
    claimRun(store, runId, process.pid);
    say('claimed');
    // The process has to be alive while the others try.
    setTimeout(() => store.close(), 500);
  },
  /** Claims a run, and is killed by the test. */
  hang: () => {
    const store = openStore(databasePath(home));
    claimRun(store, runId, process.pid);
    say('claimed');
    setInterval(() => store.pragma('user_version'), 1000);
  },
  /** Interrupts the runs whose trainer seems to be gone. */
  reconcile: () => {
    const store = openStore(databasePath(home));
    say(reconcileRuns(store));
    store.close();
  },
  /** Writes a point that outlives a power failure. */
  flush: () => {
    const path = databasePath(home);
    const queue = new WriterQueue({ path, runId, spoolPath: spoolPathOf(home, runId), open: () => openStore(path) });
    queue.push([{ kind: 'points', step: 1, values: { loss: 1 }, wallMs: 1, equivalentEpochs: 1 }]);
    say(queue.drain());
    console.error('drained');
    say(queue.flush());
  },
  /** Writes 200 transactions of 20 points as fast as it can. */
  write: () => {
    const store = openStore(databasePath(home));
    const writer = new EntryWriter(store, runId);
    for (let batch = 0; batch < 200; batch++) {
      writer.write(
        Array.from({ length: 20 }, (_, index) => ({
          kind: 'points',
          step: batch * 20 + index + 1,
          values: { loss: index },
          wallMs: 1,
          equivalentEpochs: 1,
        })),
      );
    }
    store.close();
    say('written');
  },
  /** Holds the only write lock until it is killed. */
  lock: () => {
    const store = openStore(databasePath(home));
    store.exec('BEGIN IMMEDIATE');
    say('locked');
    setInterval(() => store.pragma('user_version'), 1000);
  },
};

try {
  const act = actions[action ?? ''];
  if (!act) throw new Error(`no action ${action}`);
  act();
} catch (error) {
  if (!(error instanceof AppError)) throw error;
  say(error.data);
}
