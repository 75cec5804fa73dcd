import { totalmem } from 'node:os';
import type { Gpu } from '../../../shared/contract/devices';
import { nameOfGpu } from '../gpu/assign';
import type { Device } from './out-of-memory';

const GIB = 2 ** 30;

/** Returns the device of steps as a failure names it. @param gpu null: the processor */
export const memoryOf = (gpu: Gpu | null): Device =>
  gpu
    ? { name: `${nameOfGpu(gpu)} (${gpu.name}, ${(gpu.memory_total / GIB).toFixed(1)} GiB)`, bytes: gpu.memory_total }
    : { name: `this machine (${(totalmem() / GIB).toFixed(1)} GiB)`, bytes: totalmem() };
