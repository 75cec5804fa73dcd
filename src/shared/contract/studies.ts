/** Studies of what a network learns when: requests, progress and results. */
import { z } from 'zod';
import { runConfigSchema } from '../run-config';
import { SHOWN_STATES } from '../run-state';
import { call } from './call';
import { errorSchema, id, nothing, noArgs, runState } from './common';

const count = z.int().min(1);
const radii = z.array(z.number().gt(0)).min(1).max(50);

/** Runs on low-passed images, and on whole ones. */
export const frequencyRequestSchema = z.strictObject({
  kind: z.literal('frequency'),
  dataset: id,
  model: z.string(),
  /** Px; null: the model's own. */
  size: count.nullable().default(null),
  /** Periods over the image; null: a sixteenth, an eighth and a quarter of the size. */
  radii: radii.nullable().default(null),
  /** Equivalent epochs of each run; null: those of the configuration. */
  epochs: z.number().gt(0).nullable().default(null),
  seeds: count.max(100).default(1),
  /** Images a step; null: those of the configuration. */
  batch: count.nullable().default(null),
  /** Other fields of the runs' configuration, by dotted path. */
  overrides: z.record(z.string(), z.unknown()).default({}),
});

/** A run's checkpoints on filtered and augmented validation images. */
export const checkpointsRequestSchema = z.strictObject({
  kind: z.literal('checkpoints'),
  run: id,
  radii: radii.nullable().default(null),
  /** Null: ema where the run has it. */
  weights: z.enum(['ema', 'raw']).nullable().default(null),
  /** Validation images at most, evenly spaced. */
  images: count.default(1000),
});

export const studyRequestSchema = z.discriminatedUnion('kind', [frequencyRequestSchema, checkpointsRequestSchema]);

export type FrequencyRequest = z.output<typeof frequencyRequestSchema>;
export type CheckpointsRequest = z.output<typeof checkpointsRequestSchema>;
export type StudyRequest = z.output<typeof studyRequestSchema>;

/** The request, as it was frozen when the study was created. */
export const frequencySpecSchema = z.object({
  kind: z.literal('frequency'),
  /** Radii in ascending order. */
  radii: z.array(z.number()),
  seeds: z.number(),
  /** Configuration of the unfiltered run of the first seed. */
  base: runConfigSchema,
  /** Origin of each field of that configuration. */
  origin: z.record(z.string(), z.enum(['default', 'preset', 'model', 'file', 'flag'])),
});

export const checkpointsSpecSchema = z.object({
  ...{ kind: z.literal('checkpoints'), run: z.string(), radii: z.array(z.number()), images: z.number() },
  weights: z.enum(['ema', 'raw']).nullable(),
});

export type FrequencySpec = z.output<typeof frequencySpecSchema>;
export type CheckpointsSpec = z.output<typeof checkpointsSpecSchema>;
export type StudySpec = FrequencySpec | CheckpointsSpec;

/** An evaluation over seeds. */
export const studyPointSchema = z.object({
  step: z.number(),
  /** Share of the run's compute, 0 to 1. */
  progress: z.number(),
  /** Mean over the seeds. */
  top1: z.number(),
  seeds: z.number(),
  /** 95 % interval: Wilson's, of the mean on as many images as all seeds have measured. */
  low: z.number(),
  high: z.number(),
});

export type StudyPoint = z.output<typeof studyPointSchema>;

export const studyRunSchema = z.object({
  id: z.string(),
  seed: z.number(),
  state: z.enum(SHOWN_STATES as [string, ...string[]]),
});

export const studyCurveSchema = z.object({
  /** Periods over the image; null: unfiltered. */
  radius: z.number().nullable(),
  runs: z.array(studyRunSchema),
  curve: z.array(studyPointSchema),
  /** Where the curve leaves the unfiltered one; null where it doesn't, and for the unfiltered curve itself. */
  leaves: studyPointSchema.pick({ step: true, progress: true }).nullable(),
});

export type StudyCurve = z.output<typeof studyCurveSchema>;

/** Progress at which a curve leaves = intercept + slope * radius. */
export const studyFitSchema = z.object({
  slope: z.number(),
  intercept: z.number(),
  /** Share of the variance that the line explains; null for two radii, and where there is none to explain. */
  r2: z.number().nullable(),
  /** Radii from which the line was fitted. */
  points: z.number(),
});

export type StudyFit = z.output<typeof studyFitSchema>;

/** `study` of `study show --json` of a frequency study. */
export const frequencyStudySchema = z.object({
  ...{ id: z.string(), kind: z.literal('frequency'), state: runState },
  ...{ dataset: z.string(), model: z.string(), size: z.number(), equivalent_epochs: z.number() },
  radii: z.array(z.number()),
  seeds: z.number(),
  /** Validation images of an evaluation; null before the first. */
  images: z.number().nullable(),
  curves: z.array(studyCurveSchema),
  fit: studyFitSchema.nullable(),
});

export type FrequencyStudy = z.output<typeof frequencyStudySchema>;

export const viewFiguresSchema = z.object({
  top1: z.number(),
  loss: z.number(),
  /** 95 % interval of top1 (Wilson). */
  low: z.number(),
  high: z.number(),
});

export type ViewFigures = z.output<typeof viewFiguresSchema>;

export const checkpointFiguresSchema = z.object({
  step: z.number(),
  /** Share of the run's compute, 0 to 1. */
  progress: z.number(),
  /** Index of the stage in which the checkpoint was saved, from 0. */
  stage: z.number(),
  /** Results by the id of the view. */
  views: z.record(z.string(), viewFiguresSchema),
});

export type CheckpointFigures = z.output<typeof checkpointFiguresSchema>;

/** `study` of `study show --json` of a study of checkpoints. */
export const checkpointsStudySchema = z.object({
  ...{ id: z.string(), kind: z.literal('checkpoints'), state: runState, run: z.string() },
  /** Null before the first checkpoint is measured. */
  weights: z.enum(['ema', 'raw']).nullable(),
  images: z.number().nullable(),
  radii: z.array(z.number()),
  views: z.array(z.string()),
  checkpoints: z.array(checkpointFiguresSchema),
});

export type CheckpointsStudy = z.output<typeof checkpointsStudySchema>;
export type Study = FrequencyStudy | CheckpointsStudy;

export const studyProgressSchema = z.object({
  /** Runs, or checkpoints. */
  done: z.number(),
  total: z.number(),
  /** Share of the whole, 0 to 1. */
  share: z.number(),
  /** The run that trains now; null where none does. */
  live_run: z.string().nullable(),
  /** Whether something is left that neither trains nor waits for its turn. */
  resumable: z.boolean(),
});

export const studyDetailsSchema = z.object({
  study: z.discriminatedUnion('kind', [frequencyStudySchema, checkpointsStudySchema]),
  created: z.string(),
  /** Null: it was removed. */
  dataset_name: z.string().nullable(),
  /** The run whose checkpoints are studied; null for other kinds, and where the run was removed. */
  run: z.object({ name: z.string(), model: z.string(), equivalent_epochs: z.number() }).nullable(),
  error: errorSchema.nullable(),
  progress: studyProgressSchema,
});

export type StudyDetails = z.output<typeof studyDetailsSchema>;

/** A study as a row of the list. */
export const studySummarySchema = z.object({
  ...{ id: z.string(), kind: z.enum(['frequency', 'checkpoints']), state: runState, created: z.string() },
  model: z.string().nullable(),
  dataset_name: z.string().nullable(),
  run_name: z.string().nullable(),
  radii: z.array(z.number()),
  /** 1 for checkpoints. */
  seeds: z.number(),
  ...{ done: z.number(), total: z.number() },
});

export type StudySummary = z.output<typeof studySummarySchema>;

/** The cost of a study, estimated before it is started. */
export const studyEstimateSchema = z.object({
  size: z.number(),
  radii: z.array(z.number()),
  /** Number of runs, or of checkpoints. */
  parts: z.number(),
  /** Equivalent epochs of all runs; null for checkpoints. */
  epochs: z.number().nullable(),
  /** Null where it is not known: for checkpoints, and where this machine has not trained the model yet. */
  hours: z.number().nullable(),
});

const one = z.strictObject({ study: id });

export const studyCalls = {
  /** Newest first. */
  'studies.list': call(noArgs, z.array(studySummarySchema)),
  'studies.get': call(one, studyDetailsSchema),
  'studies.estimate': call(z.strictObject({ request: studyRequestSchema }), studyEstimateSchema),
  /** The same request continues the study that there is. */
  'studies.start': call(z.strictObject({ request: studyRequestSchema }), z.object({ study: id })),
  'studies.stop': call(one, nothing),
  'studies.resume': call(one, nothing),
  /** Removes what is known of it; its runs stay. */
  'studies.remove': call(one, nothing),
};
