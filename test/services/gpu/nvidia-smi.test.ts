/** Reading nvidia-smi, by a stand-in on the PATH. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { GpuMonitor } from '../../../src/main/services/gpu/gpu-monitor';
import { findNvidiaSmi, parseGpus, readGpus, type GpuReading } from '../../../src/main/services/gpu/nvidia-smi';
import { temporary } from '../../support/training';
import { fakeNvidiaSmi, TWO_GPUS } from '../../support/fake-gpus';

const MIB = 2 ** 20;
const GPUS = [
  {
    ...{
      index: 0,
      uuid: 'GPU-aaaa',
      name: 'NVIDIA H100 80GB HBM3',
      memory_total: 81559 * MIB,
      memory_used: 1024 * MIB,
    },
    ...{ utilization: 0.37, temperature: 54 },
  },
  {
    ...{
      index: 1,
      uuid: 'GPU-bbbb',
      name: 'NVIDIA GeForce RTX 4090',
      memory_total: 24564 * MIB,
      memory_used: 18 * MIB,
    },
    ...{ utilization: null, temperature: null },
  },
];

describe('nvidia-smi', () => {
  it('is read, with what a GPU does not tell left open', () => {
    expect(parseGpus(TWO_GPUS)).toEqual(GPUS);
    expect(parseGpus('')).toEqual([]);
  });

  it.each(['No devices were found', '0, GPU-a, H100, 1, 2, 3', '0, GPU-a, H100, 1, 2, 3, 4, 5'])(
    '%s is not guessed at',
    (line) => {
      expect(() => parseGpus(line)).toThrow(`nvidia-smi said ${line}`);
    },
  );

  it('is asked for these fields', async () => {
    const folder = fakeNvidiaSmi();
    expect(await readGpus({ PATH: folder })).toEqual({ gpus: GPUS, why: null });
    expect(readFileSync(join(folder, 'calls'), 'utf8')).toBe(
      '--query-gpu=index,uuid,name,memory.total,memory.used,utilization.gpu,temperature.gpu --format=csv,noheader,nounits\n',
    );
  });

  it('that fails is no error, and its words are kept', async () => {
    const words = "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.";
    expect(await readGpus({ PATH: fakeNvidiaSmi(`${words}\n`, 9) })).toEqual({ gpus: [], why: words });
  });

  it('that is not there is not started', async () => {
    const PATH = temporary('empty');
    expect(findNvidiaSmi({ PATH })).toBeNull();
    expect(await readGpus({ PATH })).toEqual({ gpus: [], why: null });
  });
});

describe('the monitor', () => {
  function monitor(
    there = true,
    cuda = true,
  ): { monitor: GpuMonitor; reads: () => number; later: (ms: number) => void } {
    let [reads, now] = [0, 0];
    const read = (): Promise<GpuReading> =>
      Promise.resolve({ gpus: GPUS.map((gpu) => ({ ...gpu, memory_used: ++reads })), why: null });
    return {
      monitor: new GpuMonitor(
        read,
        () => now,
        () => there,
        () => cuda,
      ),
      reads: () => reads / GPUS.length,
      later: (ms) => void (now += ms),
    };
  }

  it('asks once for all who want to know within a moment, and again later', async () => {
    const { monitor: gpus, reads, later } = monitor();
    const [first, second] = await Promise.all([gpus.figures(), gpus.figures()]);
    expect(first).toBe(second);
    await gpus.figures();
    expect(reads()).toBe(1);
    later(2000);
    await gpus.figures();
    expect(reads()).toBe(2);
  });

  it('asks nothing where there is no driver', async () => {
    const { monitor: gpus, reads } = monitor(false);
    expect(await gpus.figures()).toEqual([]);
    expect(gpus.usable({})).toEqual([]);
    expect(reads()).toBe(0);
  });

  it('gives no GPU to runs where the engine is for the processor, and shows them all the same', async () => {
    const { monitor: gpus } = monitor(true, false);
    expect(gpus.usable({})).toEqual([]);
    expect(await gpus.figures()).toHaveLength(2);
  });

  it('knows of no device until it has looked, then of those that the user leaves to it', async () => {
    const { monitor: gpus, reads } = monitor();
    expect(gpus.usable({})).toBeNull();
    await gpus.figures();
    expect(reads()).toBe(1);
    expect(gpus.usable({})?.map(({ uuid }) => uuid)).toEqual(['GPU-aaaa', 'GPU-bbbb']);
    expect(gpus.usable({ CUDA_VISIBLE_DEVICES: '1' })?.map(({ uuid }) => uuid)).toEqual(['GPU-bbbb']);
  });
});
