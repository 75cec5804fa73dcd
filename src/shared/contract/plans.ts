/** The way from a draft to a run: its estimate, and whether it can start. */
import { z } from 'zod';
import { call } from './call';
import { errorSchema, id } from './common';
import { draftBodySchema } from './drafts';

export const rateSchema = z.object({
  bandwidth: z.number(),
  batch: z.number(),
  /** Seconds per image, without waiting for the loader. */
  seconds: z.number(),
  /** Seconds in which the loader prepares an image where it was what steps waited for, else 0. */
  load: z.number(),
});

export const PREFLIGHT_IDS = ['engine', 'dataset', 'ranges', 'schedule', 'memory', 'autocast', 'xla', 'disk'] as const;

export const preflightArgs = z.strictObject({
  draft: draftBodySchema,
  /** Whether to run a few real steps at each stage's size; otherwise memory is only estimated. */
  dry_run: z.boolean().default(true),
});

export const preflightItem = z.object({
  id: z.enum(PREFLIGHT_IDS),
  state: z.enum(['good', 'warning', 'error']),
  /** Code of the sentence that the window shows, with these facts. */
  code: z.string(),
  facts: z.record(z.string(), z.union([z.string(), z.number()])),
  /** The error where it is wrong for a reason that the program words itself. */
  error: errorSchema.nullable(),
});

export type PreflightItem = z.infer<typeof preflightItem>;

export const preflightResult = z.object({
  items: z.array(preflightItem),
  /**
   * Per distinct stage size, smallest first: peak resident bytes of the process and seconds per step, measured with a
   * few real steps.
   */
  stages: z.array(
    z.object({ bandwidth: z.number(), batch: z.number(), peak_bytes: z.number(), step_seconds: z.number() }),
  ),
  hours: z.number().nullable(),
});

export type PreflightResult = z.infer<typeof preflightResult>;

export const memoryArgs = z.strictObject({ draft: draftBodySchema });

export const memoryResult = z.array(z.object({ bandwidth: z.number(), batch: z.number(), bytes: z.number() }));

/** The batch of each stage. */
export const earlyBatchesResult = z.array(z.number());

export const planCalls = {
  /** Returns speeds of earlier runs of this model on this machine; empty where there are none. */
  'plans.rates': call(z.strictObject({ model: z.string() }), z.array(rateSchema)),
  /**
   * Estimates the memory of a training step at each stage's size: variables, and the peak of live activations and
   * gradients. Empty where the draft can't be resolved yet or there is no engine to trace for.
   */
  'plans.memory': call(memoryArgs, memoryResult),
  /**
   * Returns the batches of an early large batch: each stage's largest batch that fits by the same estimate, up to the
   * one whose step costs what one costs at the final size. It fails where nothing can be estimated.
   */
  'plans.early_batches': call(memoryArgs, earlyBatchesResult),
  /**
   * Freezes a draft into a queued run at the queue's end, or starts it at once where nothing trains. It removes the
   * draft.
   */
  'plans.start': call(
    z.strictObject({ draft: draftBodySchema, draft_id: id.nullable(), queue: z.boolean().default(true) }),
    z.object({ run: id }),
  ),
};
