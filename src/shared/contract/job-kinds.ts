/** Arguments and results of each kind of job. */
import { z } from 'zod';
import { isExportName } from '../export-name';
import { EXPORT_PARTS } from '../export-part';
import { checkSchema } from './machine';
import { id, picture } from './common';
import { parityOf, predictionSchema } from './evaluations';
import { commitArgs, commitResult, scanArgs, scanResult } from './reviews';
import { earlyBatchesResult, memoryArgs, memoryResult, preflightArgs, preflightResult } from './plans';
import { measurementSchema, modelSizeSchema } from './models';
import { reconstructionsArgs, reconstructionsResult } from './reconstructions';
import {
  batchArgs,
  batchResult,
  filterViewsArgs,
  filterViewsResult,
  stageViewsArgs,
  stageViewsResult,
} from './previews';

export interface JobKind<A extends z.ZodType = z.ZodType, R extends z.ZodType = z.ZodType> {
  args: A;
  result: R;
  /** Arguments that hold a path, which the user has to have picked. */
  paths: readonly string[];
}

const kind = <A extends z.ZodType, R extends z.ZodType>(
  args: A,
  result: R,
  paths: readonly string[] = [],
): JobKind<A, R> => ({
  args,
  result,
  paths,
});

const weightsChoice = {
  checkpoint: z.enum(['best', 'last']).default('best'),
  weights: z.enum(['ema', 'raw']).nullable().default(null),
};

export const JOB_KINDS = {
  scan: kind(scanArgs, scanResult, ['source']),
  /** Stores a large review; small ones are stored at once (reviews.commit). */
  commit: kind(commitArgs, commitResult),
  preflight: kind(preflightArgs, preflightResult),
  memory: kind(memoryArgs, memoryResult),
  early_batches: kind(memoryArgs, earlyBatchesResult),
  /** Takes a few training steps of a model on noise; time and memory are stored (models.speeds). */
  measure: kind(modelSizeSchema, measurementSchema),
  doctor: kind(z.strictObject({}), z.object({ checks: z.array(checkSchema) })),
  export: kind(
    z.strictObject({
      run: id,
      format: z.string(),
      /** Folder to write: `name` in a picked `folder`. */
      folder: z.string(),
      name: z.string().refine(isExportName, 'It has to be the name of a folder that every system takes.'),
      force: z.boolean().default(false),
      /** Part of a masked autoencoder: its encoder alone, or with the decoder. */
      part: z.enum(EXPORT_PARTS).default('encoder'),
      ...weightsChoice,
    }),
    z.object({ path: z.string(), format: z.string(), parity: parityOf, kept: z.array(z.string()).optional() }),
    ['folder'],
  ),
  /** Predicts the top five classes of images given as bytes. */
  predict: kind(
    z.strictObject({
      run: id,
      images: z
        .array(z.object({ name: z.string(), base64: z.string() }))
        .min(1)
        .max(64),
      ...weightsChoice,
    }),
    z.object({ predictions: z.array(predictionSchema.extend({ picture: picture.nullable() })) }),
  ),
  /** Measures a split again, with each image's prediction: the images of a cell of the confusion matrix. */
  evaluate: kind(
    z.strictObject({ run: id, split: z.string().default('val'), ...weightsChoice }),
    z.object({
      top1: z.number(),
      top5: z.number().nullable(),
      /** The loss; null where it is not finite. */
      loss: z.number().nullable(),
      count: z.number(),
      /** Images in the split's order: label, prediction, its probability; without those whose scores are not finite. */
      images: z.array(z.tuple([z.string(), z.number(), z.number(), z.number()])),
    }),
  ),
  /** Classifies the images of a dataset's val by their nearest neighbours among those of train. */
  knn: kind(
    z.strictObject({ run: id, dataset: id, ...weightsChoice }),
    z.object({ top1: z.number(), k: z.number(), feature: z.string(), train: z.number(), val: z.number() }),
  ),
  /** Shows what each stage sees of one image of a dataset. */
  stage_views: kind(stageViewsArgs, stageViewsResult),
  /** Shows one image of a dataset under frequency filters. */
  filter_views: kind(filterViewsArgs, filterViewsResult),
  /** Makes the augmented batch of a run at a step, as the model gets it. */
  batch: kind(batchArgs, batchResult),
  /** Shows the reconstructions of an evaluation of a masked autoencoder. */
  reconstructions: kind(reconstructionsArgs, reconstructionsResult),
} as const;

export type JobKindName = keyof typeof JOB_KINDS;
export type JobArgs<K extends JobKindName> = z.input<(typeof JOB_KINDS)[K]['args']>;
export type JobResult<K extends JobKindName> = z.output<(typeof JOB_KINDS)[K]['result']>;
