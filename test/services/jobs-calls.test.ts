/** Jobs as a window starts, follows and cancels them, in processes of their own. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Job } from '../../src/shared/contract/jobs';
import { addRun } from '../store/support';
import { tinyDataset } from '../support/tiny-dataset';
import { temporary } from '../support/training';
import { openCore } from './core-support';

const opened = openCore(temporary('jobs'));
const { core, call, topics } = opened;
let source: string;
beforeAll(async () => {
  source = core.context.grants.add(await tinyDataset(temporary('jobs-data'), 12));
});
afterAll(() => core.close());

async function ended(job: string): Promise<Job> {
  await expect.poll(async () => (await call('jobs.get', { job })).state, { timeout: 30_000 }).not.toBe('running');
  return call('jobs.get', { job });
}

describe('jobs', () => {
  it('run to their result, with progress told by a topic', async () => {
    const { job } = await call('jobs.start', { kind: 'scan', args: { source }, subject: source });
    const done = await ended(job);
    expect(done).toMatchObject({
      kind: 'scan',
      state: 'done',
      error: null,
      subject: source,
      result: { review: expect.any(String) as string },
    });
    expect((await call('jobs.list', {})).map(({ id }) => id)).toContain(job);
    expect(topics.some(({ topic }) => topic === 'jobs')).toBe(true);
  });

  it('are refused with arguments that the kind does not take, by field', async () => {
    const wrong = call('jobs.start', { kind: 'scan', args: { source, val_split: 2 } });
    await expect(wrong).rejects.toMatchObject({ code: 'usage', why: expect.stringContaining('val_split') as string });
    await expect(call('jobs.start', { kind: 'dance' as never, args: {} })).rejects.toMatchObject({ code: 'usage' });
  });

  it('are refused where a path was not picked, for reading and for writing', async () => {
    const run = addRun(core.context.store).id;
    const elsewhere = temporary('elsewhere');
    await expect(call('jobs.start', { kind: 'scan', args: { source: elsewhere } })).rejects.toThrow('was not picked');
    const save = (folder: string, name: string): Promise<unknown> =>
      call('jobs.start', { kind: 'export', args: { run, format: 'safetensors', folder, name } });
    await expect(save(elsewhere, 'x')).rejects.toThrow('was not picked');
    for (const name of ['../x', 'a/b', '..\\x'])
      await expect(save(source, name)).rejects.toMatchObject({ code: 'usage' });
  });

  it('end with an error as data', async () => {
    const empty = join(source, 'nothing');
    mkdirSync(empty);
    const { job } = await call('jobs.start', { kind: 'scan', args: { source: empty } });
    expect(await ended(job)).toMatchObject({ state: 'failed', result: null, error: { code: 'bad_dataset' } });
  });

  it('are cancelled', async () => {
    const many = core.context.grants.add(await tinyDataset(temporary('jobs-many'), 300));
    const { job } = await call('jobs.start', { kind: 'scan', args: { source: many } });
    await call('jobs.cancel', { job });
    expect(await ended(job)).toMatchObject({ state: 'cancelled', error: { code: 'interrupted' } });
    await call('jobs.cancel', { job });
    await expect(call('jobs.get', { job: 'none' })).rejects.toMatchObject({ code: 'not_found' });
  });
});
