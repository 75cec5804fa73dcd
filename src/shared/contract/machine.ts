/** State of the machine: the status bar, and the doctor. */
import { z } from 'zod';
import { DOCTOR_WORD_IDS } from '../doctor-words';
import { call } from './call';
import { noArgs } from './common';
import { gpuSchema } from './devices';

export const checkSchema = z.object({
  id: z.string(),
  ok: z.boolean(),
  value: z.string(),
  /** The same in parts; texts are given by their key. */
  facts: z
    .array(
      z.union([
        z.string(),
        z.object({
          word: z.enum(DOCTOR_WORD_IDS),
          values: z.record(z.string(), z.union([z.string(), z.number()])),
        }),
      ]),
    )
    .min(1),
  cause: z.string().nullable(),
  remedy: z.string().nullable(),
});

export const machineSchema = z.object({
  device: z.string(),
  cores: z.number(),
  /** Names of the GPUs that runs are given; empty where they compute on the processor. */
  gpus: z.array(z.string()),
  engine: z.enum(['libtensorflow', 'tfjs-node', 'tfjs-cpu']),
  onednn: z.boolean(),
  /** Resident memory of the trainers in bytes. */
  trainer_bytes: z.number(),
  memory_total: z.number(),
  free_disk: z.number(),
});

export type Machine = z.infer<typeof machineSchema>;

export const machineCalls = {
  'machine.status': call(noArgs, machineSchema),
  /**
   * Returns the GPUs with their memory and utilisation now; `used`: whether the engine can compute on them. Empty where
   * there is no driver, without starting a process.
   */
  'machine.gpus': call(noArgs, z.object({ gpus: z.array(gpuSchema), used: z.boolean() })),
};
