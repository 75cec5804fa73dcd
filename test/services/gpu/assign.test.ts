/** Which device a run gets, and which run of the queue is next. */
import { describe, expect, it } from 'vitest';
import { assignDevice, nextToStart, type Waiting } from '../../../src/main/services/gpu/assign';
import { confirmedDevice, visibleTo } from '../../../src/main/services/gpu/take-device';
import { visibleGpus } from '../../../src/main/services/gpu/visible';
import type { Gpu, RunDevice } from '../../../src/shared/contract/devices';

const gpu = (index: number): Gpu => ({
  ...{ index, uuid: `GPU-${index}${index}`, name: 'NVIDIA H100', memory_total: 80e9, memory_used: 0 },
  ...{ utilization: 0, temperature: 40 },
});
const two = [gpu(0), gpu(1)];
const on = (index: number): RunDevice => ({ kind: 'gpu', index, uuid: `GPU-${index}${index}`, name: 'NVIDIA H100' });
const cpu: RunDevice = { kind: 'cpu' };

describe('a run', () => {
  it.each<[string, Parameters<typeof assignDevice>, RunDevice]>([
    ['gets the processor where there is no GPU', ['auto', [], []], cpu],
    ['gets the first GPU', ['auto', two, []], on(0)],
    ['gets the one that is free', ['auto', two, [on(0)]], on(1)],
    ['gets the one that the fewest runs train on', ['auto', two, [on(0), on(1), on(0)]], on(1)],
    [
      'gets the first of those that are as busy, whatever trains on the processor',
      ['auto', two, [on(0), on(1), cpu]],
      on(0),
    ],
    ['gets the GPU that it names, busy or not', ['gpu:1', two, [on(1)]], on(1)],
    ['gets the processor that it names', ['cpu', two, []], cpu],
  ])('%s', (_, args, device) => {
    expect(assignDevice(...args)).toEqual(device);
  });

  it('that names a GPU which is not there is refused with those that are', () => {
    expect(() => assignDevice('gpu:2', two, [])).toThrow(
      expect.objectContaining({
        code: 'invalid_config',
        why: expect.stringContaining('gpu:0, gpu:1') as string,
      }) as Error,
    );
    expect(() => assignDevice('gpu:0', [], [])).toThrow(
      expect.objectContaining({ why: expect.stringContaining('no GPU') as string }) as Error,
    );
  });

  it('lets TensorFlow see its own device and no other', () => {
    expect(visibleTo(on(1), 'auto')).toBe('GPU-11');
    expect(visibleTo(cpu, 'cpu')).toBe('-1');
    expect(visibleTo(cpu, 'auto')).toBeUndefined();
  });

  it('says what TensorFlow really uses', () => {
    expect(confirmedDevice(on(1), true)).toEqual(on(1));
    expect(confirmedDevice(on(1), false)).toEqual(cpu);
    expect(confirmedDevice(cpu, true)).toEqual({ kind: 'unnamed_gpu' });
    expect(confirmedDevice(cpu, false)).toEqual(cpu);
  });
});

describe('the queue', () => {
  const waiting = (id: string, asked: Waiting['asked'] = 'auto', state: Waiting['state'] = 'queued'): Waiting => ({
    ...{ id, asked, state },
  });

  it.each<[string, Parameters<typeof nextToStart>, string | null]>([
    ['starts nothing where it is empty', [[], two, []], null],
    ['starts its first run', [[waiting('a'), waiting('b')], [], []], 'a'],
    ['without a GPU starts one at a time', [[waiting('a')], [], [cpu]], null],
    ['without a GPU counts whatever trains', [[waiting('a')], [], [null]], null],
    ['starts one on each GPU', [[waiting('b')], two, [on(0)]], 'b'],
    ['and no more', [[waiting('c')], two, [on(0), on(1)]], null],
    ['counts a run of which the GPU is not known', [[waiting('c')], two, [null, { kind: 'unnamed_gpu' }]], null],
    ['keeps the device of a paused run', [[waiting('a', 'auto', 'paused'), waiting('b')], [], []], null],
    ['keeps one device of two for it', [[waiting('a', 'auto', 'paused'), waiting('b')], two, []], 'b'],
    [
      'waits for the GPU that a run names, and lets others by',
      [[waiting('a', 'gpu:0'), waiting('b')], two, [on(0)]],
      'b',
    ],
    [
      'starts a run that names a free GPU behind one that waits',
      [[waiting('a', 'gpu:0'), waiting('b', 'gpu:1')], two, [on(0)]],
      'b',
    ],
    ['does not take a GPU for the processor', [[waiting('a', 'cpu')], two, [on(0), on(1)]], 'a'],
    ['one run at a time on the processor', [[waiting('a', 'cpu')], two, [cpu]], null],
    ['starts what names a missing GPU, so that it says so', [[waiting('a', 'gpu:7')], two, [on(0), on(1)]], 'a'],
  ])('%s', (_, args, next) => {
    expect(nextToStart(...args)).toBe(next);
  });
});

describe('CUDA_VISIBLE_DEVICES of the user', () => {
  it.each([
    [undefined, [0, 1]],
    ['1', [1]],
    ['1,0', [1, 0]],
    ['GPU-11', [1]],
    ['0,7,1', [0]],
    ['', []],
    ['-1', []],
    ['MIG-5', []],
  ])('%s leaves %o', (visible, indices) => {
    expect(visibleGpus(two, visible).map(({ index }) => index)).toEqual(indices);
  });
});
