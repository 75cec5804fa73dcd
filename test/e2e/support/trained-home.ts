/**
 * Makes a data folder with the contents that screens show: a dataset, and runs that were completed, interrupted or
 * failed.
 */
import { join } from 'node:path';
import { databasePath } from '../../../src/main/base/home';
import { openStore } from '../../../src/main/store/open';
import type { Run } from '../../../src/main/store/runs';
import { importFolder, newRun, smallSample, temporary, train } from '../../support/training';
import { markWelcomed } from './welcomed';

export interface TrainedHome {
  home: string;
  dataset: string;
  /** The completed run. */
  run: Run;
  interrupted: Run;
  failed: Run;
}

/** Trains one short real run. Two others are marked as a vanished or failed trainer leaves them. */
export async function trainedHome(name: string): Promise<TrainedHome> {
  const home = temporary(name);
  const dataset = await importFolder(home, smallSample(join(home, 'signs'), 12));
  const run = newRun(home, dataset, { epochs: 4 });
  await train(home, run).ended;
  const [interrupted, failed] = [newRun(home, dataset, { preset: 'constant' }), newRun(home, dataset, { epochs: 5 })];
  const store = openStore(databasePath(home));
  const mark = store.prepare('UPDATE runs SET state = ?, error = ?, ended = ?, step = 3 WHERE id = ?');
  const now = new Date().toISOString();
  mark.run('interrupted', null, now, interrupted.id);
  const error = {
    code: 'non_finite',
    what: 'The loss is not a number.',
    why: 'train/loss at steps 2 to 3.',
    next: 'Lower optimizer.base_lr.',
  };
  mark.run('failed', JSON.stringify(error), now, failed.id);
  markWelcomed(store);
  store.close();
  return { home, dataset: dataset.id, run, interrupted, failed };
}
