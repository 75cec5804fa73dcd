/**
 * Start of a run whose last process is still ending. The processes are stand-ins, so that the test decides how long the
 * moment between lasts.
 */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { TrainerHandle, TrainerOptions } from '../../src/main/services/runs/trainer-process';
import { addRun } from '../store/support';
import { openCore, type Opened } from './core-support';

interface StandIn {
  id: string;
  /** Makes the trainer report that it trains. */
  train: () => void;
  end: () => void;
}

const { started } = vi.hoisted(() => ({ started: [] as StandIn[] }));

vi.mock('../../src/main/services/runs/trainer-process', () => ({
  trainerLogTail: () => 'its last words',
  startTrainer({ runId, onMessage }: TrainerOptions): TrainerHandle {
    const { promise, resolve } = Promise.withResolvers<{ code: number; signal: null }>();
    const [train, end] = [() => onMessage?.({ type: 'progress' } as never), () => resolve({ code: 0, signal: null })];
    started.push({ id: runId, train, end });
    return { pid: process.pid, send: () => true, release: end, kill: end, running: Promise.resolve(), ended: promise };
  },
}));

let opened: Opened;
let id: string;
const setState = (state: string): unknown =>
  opened.core.context.store.prepare('UPDATE runs SET state = ? WHERE id = ?').run(state, id);
const stateOf = (): unknown => opened.core.context.store.prepare('SELECT state FROM runs WHERE id = ?').pluck().get(id);
/** Resolves after everything that follows the end of a process. */
const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
const end = (at: number): Promise<void> => {
  started[at]?.end();
  return settled();
};

beforeEach(async () => {
  started.length = 0;
  opened = openCore();
  id = addRun(opened.core.context.store).id;
  await opened.call('runs.start', { run: id });
  expect(started.map((trainer) => trainer.id)).toEqual([id]);
});
afterEach(() => opened.core.close());

describe('a run that is resumed while its process is still ending', () => {
  beforeEach(() => {
    started[0]?.train();
    setState('paused');
  });

  it('continues once that has ended, and once only, however often it was asked', async () => {
    await opened.call('runs.start', { run: id });
    await opened.call('runs.start', { run: id });
    await settled();
    expect(started).toHaveLength(1);
    await end(0);
    expect(started.map((trainer) => trainer.id)).toEqual([id, id]);
    started[1]?.train();
    await end(1);
    expect(started).toHaveLength(2);
    expect(stateOf()).toBe('paused');
  });

  it('does not continue where nobody asked', async () => {
    await end(0);
    expect(started).toHaveLength(1);
    expect(stateOf()).toBe('paused');
  });

  it('does not continue in a host that has been closed meanwhile', async () => {
    await opened.call('runs.start', { run: id });
    opened.core.context.scheduler.close();
    await end(0);
    expect(started).toHaveLength(1);
  });
});

it('a run that never trained is not started over and over by a second Start', async () => {
  await opened.call('runs.start', { run: id });
  await end(0);
  expect(started).toHaveLength(1);
  expect(stateOf()).toBe('failed');
});
