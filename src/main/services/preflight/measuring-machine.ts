/** Names the machine of a measurement, so that a data folder that is moved keeps those of each machine apart. */
import { cpus } from 'node:os';

/** @param threads the number that a step may use  @param gpu name of the GPU that it runs on; null: the processor */
export const machineName = (threads: number, gpu: string | null): string =>
  gpu ?? `${(cpus()[0]?.model ?? process.arch).replace(/\s+/g, ' ').trim()}, ${threads} threads`;
