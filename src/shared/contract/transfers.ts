/** Transfers of trained weights to another run. */
import { z } from 'zod';
import { call } from './call';
import { id } from './common';
import { draftBodySchema } from './drafts';

/** Tasks of a transfer: fine-tuning the whole model, or a linear probe on the frozen encoder. */
export const TRANSFER_TASKS = ['classify', 'probe'] as const;
export type TransferTask = (typeof TRANSFER_TASKS)[number];

export const transferArgs = z.strictObject({
  /** `run:ID`, or the path of a weights file that was picked. */
  source: z.string().min(1),
  /** Id of the model; null: the one that classifies with the run's encoder. A file needs one. */
  model: z.string().nullable().default(null),
  task: z.enum(TRANSFER_TASKS),
  /** Id of the dataset; null: the run's own where it has classes, else the newest with classes. */
  dataset: id.nullable().default(null),
});

export type TransferArgs = z.output<typeof transferArgs>;

export const transferSchema = z.object({
  /** Draft of the resulting run, to be designed further. */
  draft: draftBodySchema,
  /** Number of parameters of the new run's model, and how many of them are loaded. */
  parameters: z.number(),
  loaded: z.number(),
  /** Whether the classifier starts anew. */
  head_new: z.boolean(),
  /** Whether the norm of the mean starts anew, because the weights have one of the class token. */
  norm_new: z.boolean(),
  /** Number of tensors of a masked autoencoder's decoder, which are left out. */
  decoder: z.number(),
  /** Position embeddings that are resampled to the new grid. */
  resized: z.array(z.string()),
  /** Factor of the learning rate by layer, the stem first and the classifier last; null: one rate for all. */
  layer_scales: z.array(z.number()).nullable(),
});

export type Transfer = z.infer<typeof transferSchema>;

export const transferCalls = {
  /** Checks whether weights fit, and describes a run from them. It creates nothing. */
  'transfers.look': call(transferArgs, transferSchema),
};
