/** One run on each GPU. The trainers are stand-ins that take their device as a real one does. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { TrainerHandle, TrainerOptions } from '../../../src/main/services/runs/trainer-process';
import { assignDevice } from '../../../src/main/services/gpu/assign';
import { parseGpus } from '../../../src/main/services/gpu/nvidia-smi';
import { liveDevices, queuedRuns, takeDevice } from '../../../src/main/store/run-devices';
import { claimRun, runById } from '../../../src/main/store/runs';
import { addRun } from '../../store/support';
import { openCore, type Opened } from '../core-support';
import { TWO_GPUS } from '../../support/fake-gpus';

const { started } = vi.hoisted(() => ({ started: [] as string[] }));

vi.mock('../../../src/main/services/runs/trainer-process', () => ({
  trainerLogTail: () => '',
  startTrainer({ runId }: TrainerOptions): TrainerHandle {
    started.push(runId);
    const ended = new Promise<never>(() => undefined);
    return {
      pid: process.pid,
      send: () => true,
      release: () => undefined,
      kill: () => undefined,
      running: Promise.resolve(),
      ended,
    };
  },
}));

const gpus = parseGpus(TWO_GPUS);
let opened: Opened;
const add = (device = 'auto'): string => addRun(opened.core.context.store, { engine: { device } }).id;
const look = (): void => opened.core.context.scheduler.look();

/** Does the first thing that a trainer does. */
function claim(id: string): void {
  const { store } = opened.core.context;
  claimRun(store, id, process.pid);
  const { device } = (runById(store, id) as { config: { engine: { device: 'auto' } } }).config.engine;
  takeDevice(store, id, (busy) =>
    assignDevice(
      device,
      gpus,
      busy.filter((other) => other !== null),
    ),
  );
}

const deviceOf = (id: string): unknown => runById(opened.core.context.store, id)?.device;
const finish = (id: string): unknown =>
  opened.core.context.store.prepare("UPDATE runs SET state = 'completed', queue_position = NULL WHERE id = ?").run(id);

beforeEach(() => {
  started.length = 0;
  opened = openCore();
  vi.spyOn(opened.core.context.gpus, 'usable').mockReturnValue(gpus);
});
afterEach(() => opened.core.close());

describe('the queue on a machine with two GPUs', () => {
  it('trains two runs at once, each on its own, and the third when one has ended', async () => {
    const [first, second, third] = [add(), add(), add()];
    await opened.call('runs.queue', { order: [first, second, third] });
    look();
    expect(started).toEqual([first]);
    claim(first);
    look();
    expect(started).toEqual([first, second]);
    claim(second);
    look();
    expect(started).toEqual([first, second]);
    expect([deviceOf(first), deviceOf(second)]).toMatchObject([{ uuid: 'GPU-aaaa' }, { uuid: 'GPU-bbbb' }]);
    expect((await opened.call('runs.get', { run: second })).device).toEqual({
      ...{ kind: 'gpu', index: 1, uuid: 'GPU-bbbb', name: 'NVIDIA GeForce RTX 4090' },
    });
    finish(first);
    look();
    claim(third);
    expect(started).toEqual([first, second, third]);
    expect(deviceOf(third)).toMatchObject({ uuid: 'GPU-aaaa' });
  });

  it('keeps a run that names a busy GPU waiting, and others pass it', async () => {
    const [first, second, third] = [add('gpu:1'), add('gpu:1'), add()];
    await opened.call('runs.queue', { order: [first, second, third] });
    claim(first);
    look();
    claim(third);
    look();
    expect(started).toEqual([first, third]);
    expect(deviceOf(third)).toMatchObject({ uuid: 'GPU-aaaa' });
  });

  it('has room for a run of its own button while a GPU is free', async () => {
    const [first, second, third] = [add(), add(), add()];
    await opened.call('app.change', { queue_runs: false });
    await opened.call('runs.queue', { order: [first, second, third] });
    const { scheduler } = opened.core.context;
    claim(first);
    expect(scheduler.hasRoomFor(second)).toBe(true);
    claim(second);
    expect(scheduler.hasRoomFor(third)).toBe(false);
    expect(started).toEqual([]);
  });

  it('starts nothing before it knows the GPUs', async () => {
    vi.mocked(opened.core.context.gpus.usable).mockReturnValue(null);
    const id = add();
    await opened.call('runs.queue', { order: [id] });
    expect(started).toEqual([]);
    vi.mocked(opened.core.context.gpus.usable).mockReturnValue(gpus);
    look();
    expect(started).toEqual([id]);
  });
});

it('a device is noted with the run until it trains again', () => {
  const { store } = opened.core.context;
  const id = add();
  expect([deviceOf(id), liveDevices(store), queuedRuns(store)]).toEqual([null, [], []]);
  claim(id);
  expect(liveDevices(store)).toMatchObject([{ uuid: 'GPU-aaaa' }]);
  expect(liveDevices(store, id)).toEqual([]);
  store.prepare("UPDATE runs SET state = 'paused' WHERE id = ?").run(id);
  expect(deviceOf(id)).toMatchObject({ uuid: 'GPU-aaaa' });
  claimRun(store, id, process.pid);
  expect(liveDevices(store)).toEqual([null]);
});
