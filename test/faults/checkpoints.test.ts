/**
 * A checkpoint exists at every moment: when the run is killed while it is saved again, and when the newest one is
 * damaged.
 */
import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { locateEngine } from '../../src/main/engine/backend/locate';
import {
  checkpointsFolder,
  listCheckpoints,
  newestCheckpoint,
  type CheckpointInfo,
} from '../../src/main/engine/train/checkpoint';
import { databasePath, runFolder } from '../../src/main/base/home';
import type { Dataset } from '../../src/main/store/datasets';
import { eventsOf } from '../../src/main/store/events';
import { openStore } from '../../src/main/store/open';
import { reconcileRuns, type Run } from '../../src/main/store/runs';
import { efficienttrain } from '../support/cli';
import { importFolder, look, newRun, smallSample, temporary, train } from '../support/training';
import { compare, SET } from './kills';

const home = temporary('checkpoints');
let dataset: Dataset;

/** Trains until some steps are done, then pauses. */
async function paused(run: Run): Promise<void> {
  const trainer = train(home, run, (message) => {
    if (message.type === 'progress' && message.step > 5) trainer.send({ type: 'pause' });
  });
  expect((await trainer.ended).code).toBe(0);
  expect(look(home, run.id).run.state).toBe('paused');
}

/**
 * Makes a run whose only checkpoint is of a step that has still to be evaluated. The request may come too late; then
 * another run is made.
 */
async function pausedInFirstEvaluation(set: string[]): Promise<Run> {
  for (let attempt = 0; attempt < 5; attempt++) {
    const run = newRun(home, dataset, { epochs: 3, set });
    const trainer = train(home, run, (message) => {
      if (message.type === 'progress' && message.activity === 'evaluating') trainer.send({ type: 'pause' });
    });
    expect((await trainer.ended).code).toBe(0);
    const { checkpoint } = await newestCheckpoint(runFolder(home, run.id));
    if (checkpoint?.info.evaluation_due && checkpoint.info.best === null) return run;
  }
  throw new Error('no request came within the first evaluation');
}

const infoFile = (folder: string): string => join(folder, 'checkpoint.json');
const infoOf = (folder: string): CheckpointInfo => JSON.parse(readFileSync(infoFile(folder), 'utf8')) as CheckpointInfo;
function eventsIn(id: string, kind: string): string[] {
  const store = openStore(databasePath(home));
  const messages = eventsOf(store, id).flatMap((event) => (event.kind === kind ? [event.message] : []));
  store.close();
  return messages;
}
const damage = (folder: string): void => truncateSync(join(folder, 'state.safetensors'), 100);

describe.skipIf(locateEngine().kind === 'tfjs-cpu')('checkpoints of a run', () => {
  beforeAll(async () => {
    dataset = await importFolder(home, smallSample(temporary('checkpoints-data'), 24));
  });

  it('killed between the two renames of a step that is saved again, it resumes from that step, bit for bit', async () => {
    // Only one checkpoint is kept: without it the run is lost. A batch has one image, so that an evaluation takes long
    // enough to be interrupted.
    const set = [...SET, 'eval.batch=1', 'checkpoint.keep_last=1', 'checkpoint.every_seconds=1000'];
    const alone = newRun(home, dataset, { epochs: 3, set });
    expect((await train(home, alone).ended).code).toBe(0);
    const run = await pausedInFirstEvaluation(set);
    const { step = 0 } = listCheckpoints(runFolder(home, run.id))[0] ?? {};
    // After the resume it evaluates, finds its first best and saves the step again.
    process.env['NODE_OPTIONS'] = `--import=${pathToFileURL(join(import.meta.dirname, 'renames.mjs')).href}`;
    const killed = train(home, run).ended;
    delete process.env['NODE_OPTIONS'];
    expect((await killed).signal).toBe('SIGKILL');
    const store = openStore(databasePath(home));
    expect(reconcileRuns(store)).toEqual([run.id]);
    store.close();
    expect(readdirSync(checkpointsFolder(runFolder(home, run.id))).sort()).toEqual([
      expect.stringMatching(/^\..*part$/) as string,
      expect.stringMatching(/\.old$/) as string,
    ]);
    expect((await newestCheckpoint(runFolder(home, run.id))).checkpoint?.info.step).toBe(step);
    expect((await train(home, run).ended).code).toBe(0);
    expect(readdirSync(checkpointsFolder(runFolder(home, run.id))).every((name) => /^step_\d{10}$/.test(name))).toBe(
      true,
    );
    await compare(home, alone.id, run.id);
  });

  it('resumed and asked to stop while it prepares, it leaves its checkpoint alone', async () => {
    const run = newRun(home, dataset, { epochs: 6, set: ['checkpoint.keep_last=1'] });
    await paused(run);
    const checkpoints = (): ReturnType<typeof listCheckpoints> => listCheckpoints(runFolder(home, run.id));
    let before = checkpoints();
    // On a very busy machine the request may come after the first step; then a later life is tried.
    for (let life = 0; life < 5; life++) {
      before = checkpoints();
      // The checkpoint seems to come from another machine.
      for (const { folder } of before)
        writeFileSync(
          infoFile(folder),
          JSON.stringify({ ...infoOf(folder), intra_op_threads: 7, instruction_set: 'avx2 fma' }),
        );
      const created = before.map(({ folder }) => infoOf(folder).created);
      const trainer = train(home, run, (message) => {
        if (message.type === 'progress' && message.activity === 'building the graph') trainer.send({ type: 'stop' });
      });
      expect((await trainer.ended).code).toBe(0);
      expect(look(home, run.id).run.state).toBe('stopped');
      if (checkpoints()[0]?.step !== before[0]?.step) continue;
      expect(before.map(({ folder }) => infoOf(folder).created)).toEqual(created);
      break;
    }
    expect(checkpoints()).toEqual(before);
    expect(eventsIn(run.id, 'other_bits')[0]).toMatch(
      /7 threads an op before, 2 now; .* were avx2 fma before and are /,
    );
  });

  it('with its newest one damaged, the best of the others is exported, and that is said', async () => {
    const run = newRun(home, dataset, { epochs: 4, set: ['checkpoint.keep_last=2', 'checkpoint.every_seconds=0.2'] });
    expect((await train(home, run).ended).code).toBe(0);
    const folder = runFolder(home, run.id);
    // The state is that after a run whose newest checkpoint was its best and caused the former best to be pruned.
    const [newest, former] = listCheckpoints(folder);
    damage(newest?.folder ?? '');
    const rest = listCheckpoints(folder).slice(1);
    for (const { folder: one } of rest) {
      const info = infoOf(one);
      writeFileSync(infoFile(one), JSON.stringify({ ...info, best: { metric: 'val/top1', value: 0.9, step: 1 } }));
    }
    const out = join(temporary('checkpoints-export'), 'out');
    const exported = await efficienttrain(['export', run.id, '--out', out, '--json'], { home });
    expect(exported.code, exported.stderr).toBe(0);
    expect(exported.stderr).toContain(`of step 1, can't be used; that of step ${former?.step} is taken instead`);
    expect(eventsIn(run.id, 'best_lost')).toHaveLength(1);
    // With all checkpoints damaged, nothing can be exported, and the message gives this reason.
    for (const { folder: one } of rest) damage(one);
    const refused = await efficienttrain(['export', run.id, '--out', `${out}2`, '--json'], { home });
    expect(refused.code).toBe(1);
    expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: 'checkpoint_invalid' } });
  });
});
