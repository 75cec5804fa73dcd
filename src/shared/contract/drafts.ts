/** Runs that are being designed, and the user's own presets. They save themselves. */
import { z } from 'zod';
import { adaptiveSchema } from '../adaptive-config';
import { stageSchema } from '../run-config';
import { call } from './call';
import { id, noArgs, nothing } from './common';

export const draftBodySchema = z.strictObject({
  name: z.string().max(200).default(''),
  dataset: id.nullable().default(null),
  model: z.string().nullable().default(null),
  preset: z.string().default('efficienttrain++'),
  /** Final size in px; null: the model's own. */
  size: z.int().min(1).nullable().default(null),
  equivalent_epochs: z.number().gt(0).default(200),
  seed: z.int().min(0).max(4294967295).default(0),
  /** Edited stages; null: the preset's. */
  stages: z.array(stageSchema).min(1).nullable().default(null),
  share_of: z.enum(['compute', 'epochs']).default('compute'),
  /**
   * Epochs of constant training that the compute is compared with; null: in the papers' proportion to
   * `equivalent_epochs`.
   */
  reference_epochs: z.number().gt(0).nullable().default(null),
  /** Every other changed field, by dotted path of the run's configuration. */
  overrides: z.record(z.string(), z.unknown()).default({}),
});

export type DraftBody = z.infer<typeof draftBodySchema>;

export const draftSchema = z.object({ id, created: z.string(), updated: z.string(), body: draftBodySchema });

/** A schedule alone, as it is saved as the user's own preset and written to a file. */
export const scheduleFileSchema = z.strictObject({
  format: z.literal('efficienttrain-schedule'),
  version: z.literal(1),
  title: z.string().min(1).max(200),
  share_of: z.enum(['compute', 'epochs']),
  /** Final size in px that the bandwidths are for. */
  size: z.int().min(1),
  stages: z.array(stageSchema).min(1),
  /** Unit of the learning rate's progress; absent: compute. */
  lr_progress: z.enum(['compute', 'images']).optional(),
  /** An experiment: how the borders are decided during training; absent where they are planned. */
  adaptive: adaptiveSchema.optional(),
});

export type ScheduleFile = z.infer<typeof scheduleFileSchema>;

export const ownPresetSchema = z.object({ id, created: z.string(), schedule: scheduleFileSchema });

export const draftCalls = {
  'drafts.list': call(noArgs, z.array(draftSchema)),
  'drafts.get': call(z.strictObject({ draft: id }), draftSchema),
  'drafts.create': call(z.strictObject({ body: draftBodySchema }), draftSchema),
  'drafts.save': call(z.strictObject({ draft: id, body: draftBodySchema }), nothing),
  'drafts.remove': call(z.strictObject({ draft: id }), nothing),
  /** Makes a new draft with a run's configuration. */
  'drafts.clone': call(z.strictObject({ run: id }), draftSchema),
  /**
   * Makes a new draft that starts from a run's best weights: the classifier with its encoder, as the task is usually
   * trained.
   */
  'drafts.from_weights': call(z.strictObject({ run: id, task: z.enum(['classify', 'probe']) }), draftSchema),
  'drafts.presets': call(noArgs, z.array(ownPresetSchema)),
  'drafts.save_preset': call(z.strictObject({ schedule: scheduleFileSchema }), ownPresetSchema),
  'drafts.remove_preset': call(z.strictObject({ preset: id }), nothing),
};
