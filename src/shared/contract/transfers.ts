/** Weights that were trained already, on their way to another run. */
import { z } from 'zod';
import { call } from './call';
import { id } from './common';
import { draftBodySchema } from './drafts';

/** What they become: fine-tuned whole, or the frozen encoder of a linear probe. */
export const TRANSFER_TASKS = ['classify', 'probe'] as const;
export type TransferTask = (typeof TRANSFER_TASKS)[number];

export const transferArgs = z.strictObject({
  /** `run:ID`, or the path of a weights file that was picked. */
  source: z.string().min(1),
  /** null: the one that classifies with the run's encoder; a file needs one. */
  model: z.string().nullable().default(null),
  task: z.enum(TRANSFER_TASKS),
  /** null: the run's own where it has classes, else the newest with classes. */
  dataset: id.nullable().default(null),
});

export type TransferArgs = z.output<typeof transferArgs>;

export const transferSchema = z.object({
  /** The run that would come of it, to be designed further. */
  draft: draftBodySchema,
  /** Parameters of the new run's model, and how many of them are taken over. */
  parameters: z.number(),
  loaded: z.number(),
  /** The classifier begins anew. */
  head_new: z.boolean(),
  /** The norm of the mean begins anew, since the weights have one of the class token. */
  norm_new: z.boolean(),
  /** Tensors of a masked autoencoder's decoder, which are left out. */
  decoder: z.number(),
  /** Position embeddings that are resampled to the new grid. */
  resized: z.array(z.string()),
  /** Factor of the learning rate by layer, the stem first and the classifier last; null: one rate for all. */
  layer_scales: z.array(z.number()).nullable(),
});

export type Transfer = z.infer<typeof transferSchema>;

export const transferCalls = {
  /** Whether weights fit, and what a run from them would be. Creates nothing. */
  'transfers.look': call(transferArgs, transferSchema),
};
