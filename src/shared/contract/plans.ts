/** From a draft to a run: what it will take, and whether it can start. */
import { z } from 'zod';
import { call } from './call';
import { id } from './common';
import { draftBodySchema } from './drafts';

export const rateSchema = z.object({
  bandwidth: z.number(),
  batch: z.number(),
  /** Seconds per image, loader included. */
  seconds: z.number(),
  /** `measured`: this model at this size and batch on this machine; `scaled`: by multiply-adds from another size of it. */
  from: z.enum(['measured', 'scaled']),
});

export const preflightArgs = z.strictObject({ draft: draftBodySchema });

export const preflightItem = z.object({
  id: z.enum(['engine', 'dataset', 'schedule', 'memory', 'disk', 'ranges']),
  ok: z.boolean(),
  /** What was found, in one line. */
  value: z.string(),
  /** What to do; null where it is right. */
  next: z.string().nullable(),
});

export const preflightResult = z.object({
  items: z.array(preflightItem),
  /** Per distinct stage size: peak resident bytes and seconds per step, measured with a few real steps. */
  stages: z.array(z.object({ bandwidth: z.number(), batch: z.number(), peak_bytes: z.number(), step_seconds: z.number() })),
  hours: z.number().nullable(),
});

export const planCalls = {
  /** Speeds known from earlier runs of this model on this machine; empty where there are none. */
  'plans.rates': call(z.strictObject({ model: z.string() }), z.array(rateSchema)),
  /** About how much memory a training step takes at each size: parameters, gradients, optimizer and the peak of live activations. */
  'plans.memory': call(
    z.strictObject({ model: z.string(), classes: z.int().min(1), sizes: z.array(z.tuple([z.int(), z.int()])).max(64) }),
    z.array(z.object({ bandwidth: z.number(), batch: z.number(), bytes: z.number() })),
  ),
  /** Freezes a draft into a queued run at the queue's end, or started at once where nothing trains. Removes the draft. */
  'plans.start': call(
    z.strictObject({ draft: draftBodySchema, draft_id: id.nullable(), queue: z.boolean().default(true) }),
    z.object({ run: id }),
  ),
};
