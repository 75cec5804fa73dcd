/** Evaluations that go wrong once, and a run that is asked to end within one. */
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { locateEngine } from '../../src/main/engine/backend/locate';
import { listCheckpoints, newestCheckpoint } from '../../src/main/engine/train/checkpoint';
import { databasePath, runFolder } from '../../src/main/home';
import type { Dataset } from '../../src/main/store/datasets';
import { eventsOf, type RunEvent } from '../../src/main/store/history';
import { openStore, type Store } from '../../src/main/store/open';
import { runSummaries } from '../../src/main/store/run-list';
import { runSummarySchema } from '../../src/shared/contract/runs';
import { efficienttrain, errorOf } from '../support/cli';
import { importFolder, look, newRun, smallSample, temporary, train } from '../support/training';
import { compare, SET } from './kills';

const home = temporary('evaluation');
const data = smallSample(temporary('evaluation-data'), 24);
let dataset: Dataset;

function inStore<T>(act: (store: Store) => T): T {
  const store = openStore(databasePath(home));
  try {
    return act(store);
  } finally {
    store.close();
  }
}
const eventsIn = (id: string, kind: string): RunEvent[] =>
  inStore((store) => eventsOf(store, id).filter((event) => event.kind === kind));

describe.skipIf(locateEngine().kind === 'tfjs-cpu')('evaluations', () => {
  beforeAll(async () => {
    dataset = await importFolder(home, data);
  });

  // All of them, and those of one class.
  for (const [what, folder, read] of [
    ['none of its images', 'val', 0],
    ['some of them', 'val/two', 18],
  ] as const) {
    it(`that can read ${what} once: the run goes on, and later ones are whole`, async () => {
      const run = newRun(home, dataset, { epochs: 4 });
      const [here, away] = [join(data, folder), join(data, `${folder}.away`)];
      let gone = false;
      const trainer = train(home, run, (message) => {
        // The dataset was verified before; it goes away now and comes back after the first evaluation.
        if (!gone && message.type === 'progress' && message.activity === 'building the graph') {
          renameSync(here, away);
          gone = true;
        }
        if (message.type === 'log' && message.text.includes(`measured ${read} of 24 images`)) renameSync(away, here);
      });
      expect((await trainer.ended).code).toBe(0);
      const { run: ended, series } = look(home, run.id);
      expect(ended.state).toBe('completed');
      expect(ended.best?.value).toBeGreaterThan(0);
      expect(series['val/images']?.map(({ value }) => value)).toEqual([
        read,
        ...Array<number>((series['val/images']?.length ?? 0) - 1).fill(24),
      ]);
      for (const name of ['val/top1', 'val/loss']) {
        expect(series[name]).toHaveLength((series['val/images']?.length ?? 0) - (read ? 0 : 1));
        expect(series[name]?.every(({ value }) => value !== null)).toBe(true);
      }
      expect(eventsIn(run.id, 'evaluation_incomplete')).toHaveLength(1);
      expect(eventsIn(run.id, 'unreadable').length).toBeGreaterThan(0);
      for (const summary of inStore(runSummaries)) expect(() => runSummarySchema.parse(summary)).not.toThrow();
    });
  }

  it('of an earlier version that had no figure are no best, and the list of runs shows the others', () => {
    const run = newRun(home, dataset, {});
    inStore((store) =>
      store.prepare('UPDATE runs SET best = ? WHERE id = ?').run('{"metric":"val/top1","value":null,"step":3}', run.id),
    );
    const summaries = inStore(runSummaries).map((summary) => runSummarySchema.parse(summary));
    expect(summaries.find(({ id }) => id === run.id)?.best).toBeNull();
    expect(look(home, run.id).run.best).toBeNull();
  });

  it('are given up where the run is asked to end, and made again: it ends at once and is bit-equal to one left alone', async () => {
    // An image a batch, so that an evaluation takes long enough to be hit.
    const options = { epochs: 3, set: [...SET, 'eval.batch=1', 'checkpoint.every_seconds=1000'] };
    const alone = newRun(home, dataset, options);
    expect((await train(home, alone).ended).code).toBe(0);
    const run = newRun(home, dataset, options);
    let due = 0;
    for (let life = 0; life < 4; life++) {
      const trainer = train(home, run, (message) => {
        if (life < 3 && message.type === 'progress' && message.activity === 'evaluating' && message.step > 5 * life)
          trainer.send({ type: (['pause', 'stop', 'interrupt'] as const)[life] ?? 'pause' });
      });
      expect((await trainer.ended).code).toBe(0);
      const { checkpoint } = await newestCheckpoint(runFolder(home, run.id));
      if (checkpoint?.info.evaluation_due) due++;
    }
    expect(due, 'evaluations that were hit').toBeGreaterThan(0);
    await compare(home, alone.id, run.id);
  });

  it('that are asked for are of all images or refused with the reason, by the command line', async () => {
    const run = newRun(home, dataset, { epochs: 2, preset: 'constant' });
    expect((await train(home, run).ended).code).toBe(0);
    expect(listCheckpoints(runFolder(home, run.id)).length).toBeGreaterThan(0);
    const whole = await efficienttrain(['evaluate', run.id, '--json'], { home });
    expect(JSON.parse(whole.stdout)).toMatchObject({ count: 24, non_finite: 0 });
    renameSync(join(data, 'val/two'), join(data, 'val/two.away'));
    const refused = await efficienttrain(['evaluate', run.id, '--json'], { home });
    renameSync(join(data, 'val/two.away'), join(data, 'val/two'));
    expect(refused.code).toBe(1);
    expect(errorOf(refused).code).toBe('dataset_changed');
  });
});
