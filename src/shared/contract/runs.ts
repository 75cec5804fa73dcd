/** Runs: the table, one run, and the actions on it. */
import { z } from 'zod';
import { planSchema, planStageSchema } from '../curriculum/plan';
import { runConfigSchema } from '../run-config';
import { borderDecisionSchema } from './borders';
import { call } from './call';
import { runDeviceSchema } from './devices';
import { bestSchema, errorSchema, id, noArgs, nothing, runState } from './common';

/** The trainer's own live view, written with the run at most a few times a second. */
export const progressSchema = z.object({
  activity: z.string(),
  stage: z.number(),
  bandwidth: z.number(),
  /** RandAugment's magnitude; null where images are augmented without it. */
  magnitude: z.number().nullable(),
  loss: z.number().nullable(),
  /** Last value of the series that decides which checkpoint is the best. */
  measured: z.object({ metric: z.string(), value: z.number() }).nullable().default(null),
  throughput: z.number().nullable(),
  stage_seconds_left: z.number().nullable(),
  run_seconds_left: z.number().nullable(),
});

export type RunProgress = z.infer<typeof progressSchema>;

/** A row of the runs table: enough for the table, the status bar, Home and the run's thumbnail. */
export const runSummarySchema = z.object({
  id,
  name: z.string(),
  state: runState,
  dataset: z.string(),
  dataset_name: z.string().nullable(),
  model: z.string(),
  /** Id of its task. */
  task: z.string(),
  preset: z.string(),
  size: z.number(),
  seed: z.number(),
  created: z.string(),
  started: z.string().nullable(),
  ended: z.string().nullable(),
  step: z.number(),
  steps: z.number(),
  best: bestSchema.nullable(),
  wall_seconds: z.number(),
  equivalent_epochs: z.number(),
  progress: progressSchema.nullable(),
  error: errorSchema.nullable(),
  tags: z.array(z.string()),
  archived: z.boolean(),
  /** When it was put into the trash. */
  trashed: z.string().nullable(),
  queue_position: z.number().nullable(),
  /** Index of its colour, dash and marker, which never changes. */
  series: z.number(),
  /** [bandwidth, magnitude or null where none is drawn, share of compute] of each stage. */
  stages: z.array(z.tuple([z.number(), z.number().nullable(), z.number()])),
  /** Last step of each stage. */
  stage_ends: z.array(z.number()),
  /** The source of its first weights: the path of a file, or `run:ID@STEP`; null: random. */
  init: z.string().nullable(),
  /** The run that its weights came from, which may have been removed, and the finished steps of the checkpoint. */
  parent: z.object({ run: id, step: z.number() }).nullable(),
});

export type RunSummary = z.infer<typeof runSummarySchema>;

/** A stage as planned, and what it took. */
export const stageRowSchema = planStageSchema
  .pick({
    bandwidth: true,
    magnitude: true,
    magnitude_end: true,
    batch: true,
    replay_times: true,
    first_step: true,
    steps: true,
  })
  .extend({
    /** Index of the stage, from 0. */
    stage: z.number(),
    steps_done: z.number(),
    seconds: z.number(),
    compute_seconds: z.number(),
    loader_seconds: z.number(),
    images: z.number(),
    /** Images that were decoded from files; the others came from the replay buffer. */
    images_decoded: z.number(),
    /** Images per second; null before the first step. */
    throughput: z.number().nullable(),
  });

export type StageRow = z.infer<typeof stageRowSchema>;

export const checkpointSchema = z.object({
  step: z.number(),
  folder: z.string(),
  bytes: z.number(),
  created: z.string(),
});
export type CheckpointRow = z.infer<typeof checkpointSchema>;

export const exportSchema = z.object({
  path: z.string(),
  format: z.string(),
  created: z.string(),
  parity: z.unknown(),
});
export type ExportRow = z.infer<typeof exportSchema>;

/** A run that another's weights came from, or that has started from another's weights. */
export const relativeSchema = z.object({
  id,
  name: z.string(),
  /** Id of its task. It is null, as are all later fields but the step, where the run has been removed. */
  task: z.string().nullable(),
  model: z.string().nullable(),
  best: bestSchema.nullable(),
  state: runState.nullable(),
  dataset_name: z.string().nullable(),
  size: z.number().nullable(),
  stages: runSummarySchema.shape.stages.nullable(),
  series: z.number().nullable(),
  /** Finished steps of the two runs' parent at the checkpoint that was taken over. */
  step: z.number(),
});

export type Relative = z.infer<typeof relativeSchema>;

export const lineageSchema = z.object({
  /** The parent first, then its own parent, and so on. */
  ancestors: z.array(relativeSchema),
  /** Children, oldest first. */
  children: z.array(relativeSchema),
  /**
   * Passes at the final size that this run has planned, and those that had gone into the weights it started from: each
   * run's passes are over its own dataset, at its own size and with its own model.
   */
  equivalent_epochs_total: z.number(),
});

export type Lineage = z.infer<typeof lineageSchema>;

export const runDetailsSchema = z.object({
  summary: runSummarySchema,
  config: runConfigSchema,
  /** Maps a dotted field to the origin of its value. */
  origin: z.record(z.string(), z.string()),
  /** [field, recipe's value, this run's value]. */
  departures: z.array(z.tuple([z.string(), z.unknown(), z.unknown()])),
  plan: planSchema,
  /** Compute spent so far, in passes at the final size. */
  equivalent_epochs_done: z.number(),
  engine: z.unknown(),
  /** The device of its last start; null before the first. */
  device: runDeviceSchema.nullable(),
  notes: z.string(),
  request: z.enum(['pause', 'stop']).nullable(),
  /** Whether a trainer continues when its host ends. */
  background: z.boolean(),
  classes: z.array(z.string()),
  /** Number of files of its dataset that were imported although they falsify the measurement, by kind of finding. */
  dataset_kept: z.record(z.string(), z.number()),
  /** Number of cores of the host's machine. */
  cores: z.number(),
  stages: z.array(stageRowSchema),
  /** Where an adaptive run has ended its stages, and why. */
  borders: z.array(borderDecisionSchema),
  checkpoints: z.array(checkpointSchema),
  exports: z.array(exportSchema),
  series: z.array(z.string()),
  lineage: lineageSchema,
  folder: z.string(),
});

export type RunDetails = z.infer<typeof runDetailsSchema>;

export const eventSchema = z.object({
  row: z.number(),
  time: z.string(),
  step: z.number(),
  kind: z.string(),
  message: z.string(),
});

const one = z.strictObject({ run: id });
const some = z.strictObject({ runs: z.array(id).min(1).max(10_000) });

export const runCalls = {
  /** Returns all runs, newest first, trashed ones too. */
  'runs.list': call(noArgs, z.array(runSummarySchema)),
  /**
   * Returns the runs that have changed after a cursor of an earlier answer; all of them, newest first, where `since` is
   * null or runs were removed.
   */
  'runs.changes': call(
    z.strictObject({ since: z.int().nullable() }),
    z.object({ cursor: z.number(), all: z.boolean(), runs: z.array(runSummarySchema) }),
  ),
  'runs.get': call(one, runDetailsSchema),
  /** Returns the events after `since` (a row number; 0: all), oldest first, at most 2,000. */
  'runs.events': call(z.strictObject({ run: id, since: z.number() }), z.array(eventSchema)),
  /** Pauses a run. It returns at once; the trainer confirms later by the run's state. */
  'runs.pause': call(one, nothing),
  'runs.stop': call(one, nothing),
  /** Starts or resumes a run now, whatever the queue. */
  'runs.start': call(one, nothing),
  'runs.rename': call(z.strictObject({ run: id, name: z.string().trim().min(1).max(200) }), nothing),
  'runs.annotate': call(
    z.strictObject({
      run: id,
      notes: z.string().max(20_000).optional(),
      tags: z.array(z.string().trim().min(1).max(60)).max(30).optional(),
    }),
    nothing,
  ),
  'runs.archive': call(some.extend({ archived: z.boolean() }), nothing),
  /** Moves runs to the trash or out of it; runs that train are refused. */
  'runs.trash': call(some.extend({ trashed: z.boolean() }), nothing),
  /** Deletes rows and checkpoints for good, of runs in the trash only. */
  'runs.purge': call(some, nothing),
  /** Lets a run train on after its host ends, or not; for one life, until it is paused, stopped or done. */
  'runs.background': call(z.strictObject({ run: id, background: z.boolean() }), nothing),
  /** Puts queued runs into this order; removes the others from the queue where `remove`. */
  'runs.queue': call(z.strictObject({ order: z.array(id), remove: z.array(id).default([]) }), nothing),
};
