/** Schemas that several nouns share. */
import { z } from 'zod';
import { ACTION_IDS, ERROR_CODES } from '../errors';
import { RUN_STATES } from '../run-state';

export const id = z.string().min(1).max(200);
export const nothing = z.null();
export const noArgs = z.strictObject({});

export const errorSchema = z.object({
  code: z.enum(ERROR_CODES),
  what: z.string(),
  why: z.string(),
  next: z.string(),
  /** Absent for an action that this version does not know: errors are stored with runs, by newer versions too. */
  action: z
    .object({ id: z.enum(ACTION_IDS), values: z.record(z.string(), z.union([z.string(), z.number()])).optional() })
    .optional()
    .catch(undefined),
});

export const runState = z.enum(RUN_STATES);

/** The best evaluation of a run. */
export const bestSchema = z.object({ metric: z.string(), value: z.number(), step: z.number() });
export type Best = z.infer<typeof bestSchema>;

/** A PNG, WebP or JPEG as a data URL: it works in every host and needs no authorisation. */
export const picture = z.string().startsWith('data:image/');
