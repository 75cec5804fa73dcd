/** Describes models for the new-run screen and the plan, so that neither builds one. */
import { z } from 'zod';
import { call } from './call';
import { sizeRuleSchema } from '../curriculum/size-rule';
import { id, noArgs } from './common';

export const modelInfoSchema = z.object({
  id: z.string(),
  family: z.string(),
  /** Task that trains it unless another is chosen. */
  task: z.string(),
  timm: z.string().nullable(),
  /** Default input size in px. */
  size: z.number(),
  /** Rule for the sizes that it takes. */
  sizes: sizeRuleSchema,
  preset: z.string(),
  /** The model's own fields of the recipe, by dotted path. */
  recipe: z.record(z.string(), z.unknown()),
  /** The model's numbers where a field of the configuration is null, by dotted path. */
  own: z.record(z.string(), z.number()),
  /**
   * The model that classifies with this one's encoder: itself, or the classifier of a masked autoencoder; null: there
   * is none.
   */
  classifier: z.string().nullable(),
  mean: z.tuple([z.number(), z.number(), z.number()]),
  std: z.tuple([z.number(), z.number(), z.number()]),
  interpolation: z.enum(['bicubic', 'bilinear']),
  /** Number of parameters at 1,000 classes. */
  parameters: z.number(),
  /** [size, multiply-adds of one image's forward pass] for the sizes of the rule's step up to 512 px. */
  macs: z.array(z.tuple([z.number(), z.number()])),
});

export type ModelInfo = z.infer<typeof modelInfoSchema>;

/** Facts about a task for the window (src/main/engine/tasks). */
export const taskInfoSchema = z.object({
  id: z.string(),
  /** Whether every image needs a class. */
  needs_labels: z.boolean(),
  /** Series whose best value decides which checkpoint is the best. */
  best: z.object({ metric: z.string(), better: z.enum(['higher', 'lower']) }),
});

export type TaskInfo = z.infer<typeof taskInfoSchema>;

export const modelSizeSchema = z.strictObject({
  model: z.string(),
  /** Side of the images, px. */
  size: z.int().positive(),
  /** Number of images a step. */
  batch: z.int().positive(),
});

/** Measurement of a model's training steps on this machine. */
export const measurementSchema = modelSizeSchema.extend({
  measured: z.string(),
  /** Speed of training steps alone, without a loader; null: no step was taken, because the memory would not suffice. */
  images_per_second: z.number().nullable(),
  /** Peak memory of the process; an estimate from the step's trace where no step was taken. */
  memory_bytes: z.number(),
  /** Whether a run trained at the same time, which makes the steps slower. */
  beside_training: z.boolean(),
});

export type ModelMeasurement = z.infer<typeof measurementSchema>;

/** Speed at which a run of this data folder has trained a model at a size, its loader included. */
export const runSpeedSchema = modelSizeSchema.extend({ images_per_second: z.number(), run: id, name: z.string() });

export type RunSpeed = z.infer<typeof runSpeedSchema>;

export const modelSpeedsSchema = z.object({
  /** Memory that a step can have: the GPU's where there is one, else the machine's. Bytes. */
  memory_total: z.number(),
  measured: z.array(measurementSchema),
  runs: z.array(runSpeedSchema),
});

export type ModelSpeeds = z.infer<typeof modelSpeedsSchema>;

export const modelCalls = {
  'models.list': call(noArgs, z.array(modelInfoSchema)),
  /** Returns the known speeds of this machine and its memory. Measuring is the job `measure`. */
  'models.speeds': call(noArgs, modelSpeedsSchema),
  'models.tasks': call(noArgs, z.array(taskInfoSchema)),
};
