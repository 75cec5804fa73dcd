/**
 * A host's processes that end, can't be started or send nonsense at the worst moment: the host continues, and reports
 * what happened.
 */
import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { JobRunner } from '../../src/main/services/core/job-runner';
import { pictureOf } from '../../src/main/services/pictures/picture-process';
import { startTrainer } from '../../src/main/services/runs/trainer-process';
import type { RunConfig } from '../../src/shared/run-config';
import { temporary } from '../support/training';

/**
 * Imitates a process of Node. Without a channel, an unguarded send or disconnect is an 'error' event, which ends a
 * process without a listener.
 */
class StandIn extends EventEmitter {
  connected = true;
  readonly sent: { id?: unknown; type?: string }[] = [];
  killed: string | null = null;
  channel = null;
  exitCode: number | null = null;
  signalCode: string | null = null;

  constructor(readonly pid?: number) {
    super();
  }

  send(message: object, callback?: (error: Error | null) => void): boolean {
    if (this.connected) this.sent.push(message);
    else if (callback) setImmediate(callback, new Error('ERR_IPC_CHANNEL_CLOSED'));
    else setImmediate(() => this.emit('error', new Error('ERR_IPC_CHANNEL_CLOSED')));
    return this.connected;
  }

  disconnect(): void {
    if (!this.connected) this.emit('error', new Error('ERR_IPC_DISCONNECTED'));
    this.connected = false;
    setImmediate(() => this.emit('disconnect'));
  }

  kill(signal = 'SIGTERM'): boolean {
    this.killed = signal;
    return true;
  }

  ref(): void {}
  unref(): void {}

  end(code = 0): void {
    this.connected = false;
    this.exitCode = code;
    this.emit('exit', code, null);
  }
}

const { spawned, next } = vi.hoisted(() => ({
  spawned: [] as unknown[],
  next: { make: null as (() => unknown) | null },
}));
const children = spawned as StandIn[];

vi.mock('node:child_process', async (original) => {
  const start = (): unknown => {
    const child = next.make?.() ?? new StandIn(4_000_000);
    spawned.push(child);
    return child;
  };
  return { ...(await original<object>()), fork: start, spawn: start };
});

/** Imitates a system that can start no more processes: only the 'error' event comes, and no 'exit' follows. */
const fails = (): StandIn => {
  const child = new StandIn();
  child.connected = false;
  setImmediate(() => child.emit('error', new Error('spawn EAGAIN')));
  return child;
};
const throws = (): StandIn => {
  throw Object.assign(new Error('spawn E2BIG'), { code: 'E2BIG' });
};

let runner: JobRunner;
beforeEach(() => {
  children.length = 0;
  next.make = null;
  runner = new JobRunner(temporary('children'), () => undefined);
});
afterEach(() => {
  runner.close();
  vi.useRealTimers();
});

const predict = (): ReturnType<JobRunner['start']> =>
  runner.start('predict', { run: 'r', images: [{ name: 'a', base64: '' }] }) as never;
const answer = (child: StandIn | undefined, id: string): unknown =>
  child?.emit('message', { type: 'done', id, result: { predictions: [] } });

describe('the process that quick jobs share', () => {
  it('is not sent to between its disconnection and its end', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const first = predict();
    answer(children[0], first.id);
    await first.result;
    vi.advanceTimersByTime(61_000);
    expect(children[0]?.connected).toBe(false);
    // The first process ends later.
    const second = predict();
    expect(children).toHaveLength(2);
    expect(children[1]?.sent).toHaveLength(1);
    children[0]?.end();
    answer(children[1], second.id);
    await expect(second.result).resolves.toEqual({ predictions: [] });
    const third = predict();
    expect(children).toHaveLength(2);
    answer(children[1], third.id);
    await third.result;
  });

  it('that loses its channel fails what it had, and takes no more', async () => {
    const first = predict();
    children[0]?.disconnect();
    await new Promise((resolve) => void setImmediate(resolve));
    expect(children[0]?.killed).toBe('SIGKILL');
    const second = predict();
    expect(children).toHaveLength(2);
    runner.cancel(first.id);
    children[0]?.end(1);
    await expect(first.result).rejects.toMatchObject({
      code: 'internal',
      why: expect.stringContaining('exit code 1') as string,
    });
    answer(children[1], second.id);
    await second.result;
  });
});

describe('a process that can not be started', () => {
  it.each([
    ['reports it by an event', fails, 'EAGAIN'],
    ['reports it by a throw', throws, 'E2BIG'],
  ])('%s: the job says so, and the next one tries again', async (_how, make, why) => {
    next.make = make;
    const failed = (async () => runner.start('doctor', {}).result)();
    await expect(failed).rejects.toMatchObject({ code: 'io', why: expect.stringContaining(why) as string });
    expect(runner.list().filter(({ state }) => state === 'running')).toEqual([]);
    next.make = null;
    const { id, result } = predict();
    answer(children.at(-1), id);
    await expect(result).resolves.toEqual({ predictions: [] });
  });

  it('for pictures rejects them, and the next ones have a process', async () => {
    next.make = fails;
    await expect(pictureOf('a.jpg', 32)).rejects.toMatchObject({ code: 'io' });
    next.make = null;
    const picture = pictureOf('a.jpg', 32);
    const child = children.at(-1);
    child?.emit('message', { id: child.sent[0]?.id, picture: null, error: null });
    await expect(picture).resolves.toBeNull();
    child?.disconnect();
    await new Promise((resolve) => void setImmediate(resolve));
  });

  it('for training says so, whether or not anybody waits for it', async () => {
    next.make = fails;
    const engine = { intra_op_threads: null, inter_op_threads: null };
    const start = (detach: boolean): ReturnType<typeof startTrainer> =>
      startTrainer({ home: temporary('no-trainer'), runId: 'r', config: { engine } as unknown as RunConfig, detach });
    const trainer = start(false);
    expect(trainer.send({ type: 'stop' })).toBe(false);
    trainer.release();
    await expect(trainer.ended).rejects.toMatchObject({ code: 'io' });
    await expect(start(true).running).rejects.toMatchObject({ code: 'io' });
    next.make = throws;
    expect(() => start(true)).toThrow(/could not be started/);
  });
});

describe('an answer that can not be read', () => {
  it.each([
    ['a result of another form', { type: 'done', result: { predictions: 'many' } }],
    ['no result', { type: 'done' }],
    ['an error of another form', { type: 'failed', error: 'it broke' }],
    ['a type that nobody knows', { type: 'finished' }],
  ])('%s fails its job and no other', async (_what, message) => {
    const [bad, good] = [predict(), predict()];
    children[0]?.emit('message', { id: bad.id, ...message });
    await expect(bad.result).rejects.toMatchObject({
      code: 'internal',
      message: expect.stringContaining("can't be read") as string,
    });
    answer(children[0], good.id);
    await expect(good.result).resolves.toEqual({ predictions: [] });
    expect(runner.get(bad.id)).toMatchObject({ state: 'failed' });
  });

  it.each([null, undefined, 'text', 7, {}, { type: 'done', id: 'nobody' }])(
    '%j of no job is passed over',
    async (message) => {
      const { id, result } = predict();
      children[0]?.emit('message', message);
      answer(children[0], id);
      await result;
    },
  );

  it('progress that is no number costs nothing but itself', async () => {
    const { id, result } = predict();
    children[0]?.emit('message', { type: 'progress', id, phase: 'x', done: NaN, total: null });
    expect(runner.get(id).progress).toEqual({ phase: 'x', done: 0, total: 0 });
    answer(children[0], id);
    await result;
  });
});

describe('the picture process', () => {
  it('that ends fails its own pictures, not those of the next', async () => {
    const lost = pictureOf('a.jpg', 32);
    const old = children.at(-1);
    old?.disconnect();
    await new Promise((resolve) => void setImmediate(resolve));
    const kept = pictureOf('b.jpg', 32);
    const young = children.at(-1);
    expect(young).not.toBe(old);
    old?.end(1);
    await expect(lost).rejects.toThrow('exit code 1');
    young?.emit('message', { id: young.sent[0]?.id, picture: new Uint8Array([1]), error: null });
    await expect(kept).resolves.toEqual(Buffer.from([1]));
  });
});
