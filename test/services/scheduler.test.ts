/** The queue's own decisions, where no trainer can start; test/faults/hosts.test.ts has those where one can. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Run } from '../../src/main/store/runs';
import { processStart } from '../../src/main/store/process-identity';
import { addRun } from '../store/support';
import { openCore, type Opened } from './core-support';

let opened: Opened;
const added = (): string => addRun(opened.core.context.store).id;
const stateOf = async (id: string): Promise<Pick<Run, 'state' | 'error'>> =>
  opened.core.context.store.prepare('SELECT state, error FROM runs WHERE id = ?').get(id) as Run;
const setState = (id: string, state: string, pid: number | null = null): unknown =>
  opened.core.context.store
    .prepare('UPDATE runs SET state = ?, pid = ?, pid_started = ?, heartbeat_ms = ? WHERE id = ?')
    .run(state, pid, pid === null ? null : processStart(pid), Date.now(), id);

beforeEach(() => {
  opened = openCore();
});
afterEach(() => {
  delete process.env['NODE_OPTIONS'];
  opened.core.close();
});

describe('a trainer that can not start', () => {
  it('fails its run with the reason, once, and the queue continues with the next', async () => {
    const [first, second] = [added(), added()];
    process.env['NODE_OPTIONS'] = '--no-such-option';
    await opened.call('runs.queue', { order: [first, second] });
    for (const id of [first, second]) {
      await expect.poll(() => stateOf(id), { timeout: 20_000 }).toMatchObject({ state: 'failed' });
      expect(JSON.parse(String((await stateOf(id)).error))).toMatchObject({
        code: 'trainer_lost',
        why: expect.stringContaining('--no-such-option') as string,
      });
    }
    await expect
      .poll(() => opened.ended.map(({ id }) => id).sort(), { timeout: 10_000 })
      .toEqual([first, second].sort());
  });

  it('for want of a folder does not take the host with it', async () => {
    const id = added();
    writeFileSync(join(opened.home, 'runs'), '');
    await opened.call('runs.queue', { order: [id] });
    expect(await stateOf(id)).toMatchObject({ state: 'failed' });
    expect(JSON.parse(String((await stateOf(id)).error))).toMatchObject({
      code: 'io',
      what: expect.stringContaining(id) as string,
    });
    rmSync(join(opened.home, 'runs'));
    expect((await opened.call('runs.list', {})).map(({ id: run }) => run)).toEqual([id]);
  });
});

describe('the queue', () => {
  it('starts nothing while something trains, is switched off, or its head is paused', async () => {
    process.env['NODE_OPTIONS'] = '--no-such-option';
    const [busy, next] = [added(), added()];
    setState(busy, 'running', process.pid);
    await opened.call('runs.queue', { order: [next] });
    expect(await stateOf(next)).toMatchObject({ state: 'queued' });
    await opened.call('app.change', { queue_runs: false });
    setState(busy, 'completed');
    opened.core.context.scheduler.look();
    expect(opened.core.context.scheduler.endingWithHost()).toEqual([]);
    setState(busy, 'paused');
    await opened.call('runs.queue', { order: [busy, next] });
    await opened.call('app.change', { queue_runs: true });
    expect(opened.core.context.scheduler.endingWithHost()).toEqual([]);
    await opened.call('runs.queue', { order: [], remove: [busy] });
    expect(opened.core.context.scheduler.endingWithHost()).toEqual([next]);
    await expect.poll(() => stateOf(next), { timeout: 20_000 }).toMatchObject({ state: 'failed' });
  });

  it('notices that a run of another host has ended', async () => {
    const id = added();
    setState(id, 'running', process.pid);
    opened.core.context.scheduler.look();
    expect(opened.ended).toEqual([]);
    setState(id, 'completed');
    opened.core.context.scheduler.look();
    opened.core.context.scheduler.look();
    expect(opened.ended.map((run) => run.id)).toEqual([id]);
  });
});
