/** GPUs of the machine, and which device a run computes on. */
import { z } from 'zod';

export const gpuSchema = z.object({
  /** As nvidia-smi counts; `gpu:0` in a run's configuration. */
  index: z.number(),
  uuid: z.string(),
  name: z.string(),
  /** Bytes. */
  memory_total: z.number(),
  memory_used: z.number(),
  /** Share of the last moments in which it computed; null where the GPU does not tell. */
  utilization: z.number().nullable(),
  /** °C. */
  temperature: z.number().nullable(),
});

export type Gpu = z.infer<typeof gpuSchema>;

export const runDeviceSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('cpu') }),
  /** TensorFlow uses one, and nvidia-smi is not there to tell which. */
  z.object({ kind: z.literal('unnamed_gpu') }),
  z.object({ kind: z.literal('gpu'), index: z.number(), uuid: z.string(), name: z.string() }),
]);

/** What a run computes on, as it was last started. */
export type RunDevice = z.infer<typeof runDeviceSchema>;
