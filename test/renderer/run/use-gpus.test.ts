/** GPUs are requested while somebody looks; where there are none, only once. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { effectScope, nextTick, ref, type EffectScope } from 'vue';
import { gpuNames } from '../../../src/renderer/format/gpu-names';
import { EVERY_MS, useGpus, type GpuAnswer } from '../../../src/renderer/views/run/use-gpus';
import type { Gpu } from '../../../src/shared/contract/devices';

const gpu: Gpu = {
  index: 0,
  uuid: 'GPU-a',
  name: 'H100',
  memory_total: 80e9,
  memory_used: 1e9,
  utilization: 0.5,
  temperature: 50,
};

let scope: EffectScope;
beforeEach(() => {
  vi.useFakeTimers();
  scope = effectScope();
});
afterEach(() => {
  scope.stop();
  vi.useRealTimers();
});

function watched(answer: () => Promise<GpuAnswer>): {
  gpus: { value: readonly Gpu[] };
  seen: { value: boolean };
  ask: typeof answer;
} {
  const seen = ref(true);
  const ask = vi.fn(answer);
  return scope.run(() => ({ gpus: useGpus(seen, ask), seen, ask })) as ReturnType<typeof watched>;
}

describe('the GPUs of a run that trains', () => {
  it('are asked every two seconds while somebody looks', async () => {
    const { gpus, seen, ask } = watched(() => Promise.resolve({ gpus: [gpu], used: true }));
    await vi.advanceTimersByTimeAsync(0);
    expect(gpus.value).toEqual([gpu]);
    await vi.advanceTimersByTimeAsync(EVERY_MS * 3);
    expect(ask).toHaveBeenCalledTimes(4);
    seen.value = false;
    await nextTick();
    await vi.advanceTimersByTimeAsync(EVERY_MS * 3);
    expect([gpus.value, vi.mocked(ask).mock.calls.length]).toEqual([[], 4]);
    seen.value = true;
    await nextTick();
    await vi.advanceTimersByTimeAsync(0);
    expect([gpus.value, vi.mocked(ask).mock.calls.length]).toEqual([[gpu], 5]);
    scope.stop();
    await vi.advanceTimersByTimeAsync(EVERY_MS * 3);
    expect(ask).toHaveBeenCalledTimes(5);
  });

  it.each<[string, GpuAnswer]>([
    ['there are none', { gpus: [], used: true }],
    ['the engine does not use them', { gpus: [gpu], used: false }],
  ])('are shown nowhere and not asked again where %s', async (_, answer) => {
    const { gpus, ask } = watched(() => Promise.resolve(answer));
    await vi.advanceTimersByTimeAsync(EVERY_MS * 3);
    expect([gpus.value, vi.mocked(ask).mock.calls.length]).toEqual([[], 1]);
  });

  it('are left out while the host can not be reached, and asked for again', async () => {
    let reachable = false;
    const { gpus } = watched(() =>
      reachable ? Promise.resolve({ gpus: [gpu], used: true }) : Promise.reject(new Error('gone')),
    );
    await vi.advanceTimersByTimeAsync(0);
    expect(gpus.value).toEqual([]);
    reachable = true;
    await vi.advanceTimersByTimeAsync(EVERY_MS);
    expect(gpus.value).toEqual([gpu]);
  });
});

it('alike GPUs are counted', () => {
  expect(gpuNames(['H100', 'RTX 4090', 'H100'])).toEqual(['2 × H100', 'RTX 4090']);
  expect(gpuNames([])).toEqual([]);
});
