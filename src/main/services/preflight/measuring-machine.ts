/** What a measurement was made on: a data folder that is moved keeps those of each machine apart. */
import { cpus } from 'node:os';

/** @param threads that a step may use  @param gpu name of the GPU that it runs on; null: the processor */
export const machineName = (threads: number, gpu: string | null): string =>
  gpu ?? `${(cpus()[0]?.model ?? process.arch).replace(/\s+/g, ' ').trim()}, ${threads} threads`;
