/** A preflight's findings about a GPU's memory. */
import { describe, expect, it } from 'vitest';
import { measuredGpuMemory, predictedGpuMemory } from '../../../src/main/services/preflight/gpu-memory-items';
import type { Gpu } from '../../../src/shared/contract/devices';

const GB = 1e9;
const gpu = (used: number): Gpu => ({
  ...{
    index: 1,
    uuid: 'GPU-b',
    name: 'H100',
    memory_total: 80 * GB,
    memory_used: used * GB,
    utilization: 0,
    temperature: 40,
  },
});
const stage = { bandwidth: 224, batch: 256 };

describe('a preflight on a GPU', () => {
  it.each([
    [20, 'good', 'gpu_predicted'],
    [70, 'warning', 'gpu_predicted'],
    [90, 'error', 'gpu_predicted_over'],
  ])('finds an estimate of %d of 80 GB %s', (needed, state, code) => {
    expect(predictedGpuMemory(stage, needed * GB, gpu(0))).toMatchObject({
      ...{ id: 'memory', state, code },
      facts: { needed: needed * GB, total: 80 * GB, index: 1, ...stage },
    });
  });

  it('says what its steps have taken, whatever others hold', () => {
    expect(measuredGpuMemory(stage, gpu(10), gpu(32))).toMatchObject({
      ...{ state: 'good', code: 'gpu_measured' },
      facts: { needed: 22 * GB, available: 70 * GB, index: 1 },
    });
    expect(measuredGpuMemory(stage, gpu(10), gpu(4)).facts).toMatchObject({ needed: 0 });
  });
});
