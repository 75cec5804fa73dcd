/** GPUs of the machine, and which device a run computes on. */
import { z } from 'zod';

export const gpuSchema = z.object({
  /** Index in nvidia-smi's order; `gpu:0` in a run's configuration. */
  index: z.number(),
  uuid: z.string(),
  name: z.string(),
  /** Memory in bytes. */
  memory_total: z.number(),
  memory_used: z.number(),
  /** Share of the last moments in which it computed; null where the GPU does not report it. */
  utilization: z.number().nullable(),
  /** Temperature in °C. */
  temperature: z.number().nullable(),
});

export type Gpu = z.infer<typeof gpuSchema>;

export const runDeviceSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('cpu') }),
  /** TensorFlow uses one, and nvidia-smi is not there to tell which. */
  z.object({ kind: z.literal('unnamed_gpu') }),
  z.object({ kind: z.literal('gpu'), index: z.number(), uuid: z.string(), name: z.string() }),
]);

/** The device of a run's last start. */
export type RunDevice = z.infer<typeof runDeviceSchema>;
