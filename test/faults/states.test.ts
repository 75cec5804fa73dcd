/**
 * The promises of a run's states: pause, stop, a vanished host, a diverging loss, changed data, two trainers at once.
 */
import { spawn } from 'node:child_process';
import { appendFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { locateEngine } from '../../src/main/engine/backend/locate';
import { newestCheckpoint } from '../../src/main/engine/train/checkpoint';
import type { TrainerMessage } from '../../src/main/engine/train/protocol';
import { entryPath } from '../../src/main/base/entry';
import { databasePath, runFolder } from '../../src/main/base/home';
import type { Dataset } from '../../src/main/store/datasets';
import { openStore } from '../../src/main/store/open';
import { findRun, requestRun, type Run } from '../../src/main/store/runs';
import { importFolder, look, newRun, smallSample, temporary, train, type NewRun } from '../support/training';

/** All tests share a data folder. It keeps the traced graphs, so that the second run begins in half the time. */
const home = temporary('states');
const data = smallSample(temporary('states-data'), 24);
let dataset: Dataset;
const prepared = (options: NewRun = {}): Run => newRun(home, dataset, { epochs: 6, ...options });

const isTraining = (message: TrainerMessage): boolean => message.type === 'progress' && message.step > 3;

describe.skipIf(locateEngine().kind === 'tfjs-cpu')('states of a run', () => {
  beforeAll(async () => {
    dataset = await importFolder(home, data);
  });

  // One run has a curriculum, the other one size, so that the time for stages is spent once.
  for (const [request, state, options] of [
    ['pause', 'paused', {}],
    ['stop', 'stopped', { preset: 'constant', epochs: 12 }],
  ] as const) {
    it(`${request} over the channel: checkpoint, then ${state}; resume completes it`, async () => {
      const run = prepared(options);
      const trainer = train(home, run, (message) => isTraining(message) && trainer.send({ type: request }));
      expect((await trainer.ended).code).toBe(0);
      const { run: ended } = look(home, run.id);
      expect(ended).toMatchObject({ state, pid: null });
      const { checkpoint } = await newestCheckpoint(runFolder(home, run.id));
      expect(checkpoint?.info.step).toBe(ended.step);
      expect((await train(home, run).ended).code).toBe(0);
      expect(look(home, run.id).run).toMatchObject({ state: 'completed', step: run.steps });
    });
  }

  it('a request in the database, from a process that did not start the trainer', async () => {
    const run = prepared({ preset: 'constant', epochs: 60 });
    let asked = false;
    const trainer = train(home, run, (message) => {
      if (asked || !isTraining(message)) return;
      asked = true;
      const store = openStore(databasePath(home));
      requestRun(store, findRun(store, run.id), 'pause');
      store.close();
    });
    expect((await trainer.ended).code).toBe(0);
    expect(look(home, run.id).run.state).toBe('paused');
  });

  it('a host that vanishes: the trainer saves and is interrupted; detached it trains on', async () => {
    const run = prepared({ preset: 'constant', epochs: 12 });
    // A host of its own process that is killed once the trainer trains.
    const script = `const { spawn } = require('node:child_process');
      const child = spawn(process.execPath, ${JSON.stringify([entryPath('trainer'), home, run.id])}, { stdio: ['ignore', 'ignore', 'ignore', 'ipc'], detached: true });
      child.on('message', (message) => { if (message.type === 'progress' && message.step > 3) process.kill(process.pid, 'SIGKILL'); });`;
    const host = spawn(process.execPath, ['-e', script], { stdio: 'ignore' });
    await new Promise((resolve) => host.on('exit', resolve));
    await expect.poll(() => look(home, run.id).run.state, { timeout: 20_000 }).toBe('interrupted');
    const { checkpoint } = await newestCheckpoint(runFolder(home, run.id));
    expect(checkpoint?.info.step).toBe(look(home, run.id).run.step);
    const detached = spawn(process.execPath, [entryPath('trainer'), home, run.id, '--detached'], {
      stdio: 'ignore',
      detached: true,
    });
    detached.unref();
    await expect.poll(() => look(home, run.id).run.state, { timeout: 60_000 }).toBe('completed');
  });

  it('a loss that is not finite stops the run, names step and quantity, and keeps the last good checkpoint', async () => {
    const run = prepared({
      set: ['optimizer.name=sgd', 'optimizer.base_lr=1e30', 'optimizer.weight_decay=0', 'checkpoint.every_seconds=0'],
    });
    expect(await train(home, run).ended).toMatchObject({ code: 1, signal: null });
    const { run: ended, series } = look(home, run.id);
    expect(ended.state).toBe('failed');
    expect(ended.error).toMatchObject({
      code: 'non_finite',
      what: expect.stringMatching(/(train\/loss|grad_norm|training state).* step \d+/) as string,
    });
    expect(series['train/loss']?.every(({ value }) => value !== null)).toBe(true);
  });

  it('changed and missing files are noticed before training, with what changed', async () => {
    const own = smallSample(temporary('states-data'), 24);
    const run = newRun(home, await importFolder(home, own), { epochs: 6 });
    const folder = join(own, 'train', 'one');
    const [first = '', second = ''] = readdirSync(folder).sort();
    appendFileSync(join(folder, first), 'x');
    rmSync(join(folder, second));
    expect((await train(home, run).ended).code).toBe(1);
    expect(look(home, run.id).run.error).toMatchObject({
      code: 'dataset_changed',
      why: expect.stringContaining(`train/one/${second}`) as string,
    });
  });

  it('two trainers never train the same run', async () => {
    const run = prepared({ preset: 'constant', epochs: 24 });
    let second: Promise<{ code: number | null }> | undefined;
    const trainer = train(home, run, (message) => {
      if (isTraining(message)) second ??= train(home, run).ended;
    });
    expect((await trainer.ended).code).toBe(0);
    expect((await second)?.code).toBe(1);
    expect(look(home, run.id).run.state).toBe('completed');
  });
});
