/** What the machine is doing: the status bar, and the doctor. */
import { z } from 'zod';
import { call } from './call';
import { noArgs } from './common';

export const checkSchema = z.object({
  id: z.string(),
  ok: z.boolean(),
  value: z.string(),
  cause: z.string().nullable(),
  remedy: z.string().nullable(),
});

export const machineSchema = z.object({
  device: z.string(),
  cores: z.number(),
  engine: z.enum(['libtensorflow', 'tfjs-node', 'tfjs-cpu']),
  onednn: z.boolean(),
  /** Resident memory of the trainers, bytes. */
  trainer_bytes: z.number(),
  memory_total: z.number(),
  free_disk: z.number(),
});

export type Machine = z.infer<typeof machineSchema>;

export const machineCalls = {
  'machine.status': call(noArgs, machineSchema),
};
