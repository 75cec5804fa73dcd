/** Evaluations that fail once, and a run that has to end within one. */
import { readdirSync, readFileSync, renameSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { newestCheckpoint } from '../../src/main/engine/train/checkpoint';
import { runFolder } from '../../src/main/base/home';
import { job as evaluateJob } from '../../src/main/services/jobs/evaluate';
import type { Dataset } from '../../src/main/store/datasets';
import { eventsOf, type RunEvent } from '../../src/main/store/events';
import type { Store } from '../../src/main/store/open';
import { runSummaries } from '../../src/main/store/run-list';
import { runSummarySchema } from '../../src/shared/contract/runs';
import { AppError } from '../../src/shared/errors';
import { efficienttrain, errorOf } from '../support/cli';
import { engineMissing } from '../support/engine';
import { importFolder, look, newRun, smallSample, temporary, train } from '../support/training';
import { withStore } from '../support/with-store';
import { compare, SET } from './kills';

const home = temporary('evaluation');
const data = smallSample(temporary('evaluation-data'), 24);
let dataset: Dataset;

const inStore = <T>(act: (store: Store) => T): T => withStore(home, act);
const eventsIn = (id: string, kind: string): RunEvent[] =>
  inStore((store) => eventsOf(store, id).filter((event) => event.kind === kind));

describe.skipIf(engineMissing)('evaluations', () => {
  beforeAll(async () => {
    dataset = await importFolder(home, data);
  });

  // The folders hold all validation images, and those of one class.
  for (const [what, folder, read] of [
    ['none of its images', 'val', 0],
    ['some of them', 'val/two', 18],
  ] as const) {
    it(`that can read ${what} once: the run continues, and later ones are complete`, async () => {
      const run = newRun(home, dataset, { epochs: 4 });
      const [here, away] = [join(data, folder), join(data, `${folder}.away`)];
      let where: 'here' | 'away' | 'back' = 'here';
      const trainer = train(home, run, (message) => {
        // The dataset was verified before. It is moved away now, and back after an evaluation without it.
        if (where === 'here' && message.type === 'progress' && message.activity === 'building the graph') {
          renameSync(here, away);
          where = 'away';
        }
        if (where === 'away' && message.type === 'log' && message.text.includes(`measured ${read} of 24 images`)) {
          renameSync(away, here);
          where = 'back';
        }
      });
      expect((await trainer.ended).code).toBe(0);
      const { run: ended, series } = look(home, run.id);
      expect(ended.state).toBe('completed');
      expect(ended.best?.value).toBeGreaterThan(0);
      const images = series['val/images']?.map(({ value }) => value) ?? [];
      // On a busy machine a second evaluation may have been made without the images.
      const without = images.lastIndexOf(read) + 1;
      expect(without).toBeGreaterThan(0);
      expect(images.length).toBeGreaterThan(without);
      expect(images).toEqual(images.map((_, index) => (index < without ? read : 24)));
      for (const name of ['val/top1', 'val/loss']) {
        expect(series[name]).toHaveLength(images.length - (read ? 0 : without));
        expect(series[name]?.every(({ value }) => value !== null)).toBe(true);
      }
      expect(eventsIn(run.id, 'evaluation_incomplete')).toHaveLength(without);
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

  it('are given up where the run is asked to end, and made again: it ends at once and is bit-equal to an uninterrupted one', async () => {
    // A batch has one image, so that an evaluation takes long enough to be interrupted.
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

  it('that are asked for are of all images, or refused with the reason; by the command line as in the window', async () => {
    const run = newRun(home, dataset, { epochs: 2, preset: 'constant' });
    expect((await train(home, run).ended).code).toBe(0);
    const ofCommand = async (): Promise<Record<string, unknown>> => {
      const ended = await efficienttrain(['evaluate', run.id, '--checkpoint', 'last', '--json'], { home });
      return ended.code === 0 ? (JSON.parse(ended.stdout) as Record<string, unknown>) : errorOf(ended);
    };
    const ofJob = async (): Promise<Record<string, unknown>> => {
      const call = { home, signal: new AbortController().signal, progress: () => undefined };
      const args = { run: run.id, split: 'val', checkpoint: 'last', weights: null } as const;
      return await evaluateJob.run(args, call).catch((error: unknown) => {
        if (error instanceof AppError) return { ...error.data };
        throw error;
      });
    };
    const [command, job] = [await ofCommand(), await ofJob()];
    expect(command).toMatchObject({ count: 24, non_finite: 0 });
    expect(job).toMatchObject({ count: 24, top1: command['top1'] });
    expect(job['images']).toHaveLength(24);

    const folder = join(data, 'val/two');
    renameSync(folder, `${folder}.away`);
    const gone = [await ofCommand(), await ofJob()];
    renameSync(`${folder}.away`, folder);
    expect(gone).toMatchObject([{ code: 'dataset_changed' }, { code: 'dataset_changed' }]);

    // The file is damaged, but its size and time are the same.
    const file = join(folder, readdirSync(folder).sort()[0] ?? '');
    const [bytes, { atime, mtime }] = [readFileSync(file), statSync(file)];
    writeFileSync(file, Buffer.alloc(bytes.length, 7));
    utimesSync(file, atime, mtime);
    const damaged = [await ofCommand(), await ofJob()];
    writeFileSync(file, bytes);
    utimesSync(file, atime, mtime);
    for (const refusal of damaged)
      expect(refusal).toMatchObject({
        code: 'bad_dataset',
        what: expect.stringContaining('1 of 24 images could not be read') as string,
        why: expect.stringContaining('val/two/') as string,
      });
  });
});
