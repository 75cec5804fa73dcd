import { afterAll, beforeAll, expect, it } from 'vitest';
import { databasePath } from '../../src/main/base/home';
import { trainToEnd } from '../../src/main/services/runs/train-to-end';
import { openStore, type Store } from '../../src/main/store/open';
import { claimRun, runById, type Run } from '../../src/main/store/runs';
import { importFolder, newRun, smallSample, temporary } from '../support/training';

const home = temporary('train-to-end');
let store: Store;
let id: string;

beforeAll(async () => {
  const dataset = await importFolder(home, smallSample(temporary('train-to-end-data'), 8));
  id = newRun(home, dataset, { epochs: 20 }).id;
  store = openStore(databasePath(home));
});
afterAll(() => store.close());

const set = (state: string): unknown =>
  store.prepare('UPDATE runs SET state = ?, pid = NULL WHERE id = ?').run(state, id);
const never = new AbortController().signal;
const options = () => ({
  ...{ home, store, signal: never, force: never },
  ...{ onProgress: () => undefined, onLog: () => undefined },
});
const completed = ({ state }: Run): boolean => state === 'completed';

it('starts its trainer again where one whose host is gone took the run first, and had to end', async () => {
  const starts: string[] = [];
  const follow = (): Promise<Run> => {
    starts.push((runById(store, id) as Run).state);
    if (starts.length === 1) {
      // Another trainer has the run, so ours was refused; the other one ends soon.
      claimRun(store, id, process.pid);
      setTimeout(() => set('interrupted'), 300);
    } else if (starts.length === 2) set('interrupted');
    else set('completed');
    return Promise.resolve(runById(store, id) as Run);
  };
  expect((await trainToEnd(options(), id, completed, follow)).state).toBe('completed');
  expect(starts).toEqual(['queued', 'interrupted', 'interrupted']);
});

it('trains nothing that is over, and does not continue what somebody else has stopped', async () => {
  const never = (): Promise<Run> => Promise.reject(new Error('it was started'));
  expect((await trainToEnd(options(), id, completed, never)).state).toBe('completed');
  set('paused');
  const stopped = (): Promise<Run> => {
    set('stopped');
    return Promise.resolve(runById(store, id) as Run);
  };
  expect((await trainToEnd(options(), id, completed, stopped)).state).toBe('stopped');
});
