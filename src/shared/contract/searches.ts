/** Searches for a schedule: what is asked for, how far they are, and what they have found. */
import { z } from 'zod';
import { runConfigSchema } from '../run-config';
import { SHOWN_STATES } from '../run-state';
import { call } from './call';
import { errorSchema, id, noArgs, nothing, runState } from './common';

const count = z.int().min(1);

/** What a search is asked to do. */
export const searchRequestSchema = z.strictObject({
  name: z.string().trim().max(200).default(''),
  algorithm: z.union([z.literal(1), z.literal(2)]),
  dataset: id,
  model: z.string(),
  /** Final size in px; null: the model's own. */
  size: count.nullable().default(null),
  /** Number of stages. */
  stages: count.max(20).default(5),
  /** Bandwidths to choose from, px; null: the model's valid sizes nearest to 96, 128, 160, 192 and 224 px in 224. */
  candidates: z.array(count).min(1).max(50).nullable().default(null),
  /** Of the baseline; null: those of the configuration. */
  epochs: z.number().gt(0).nullable().default(null),
  /** Compute of a schedule over the baseline's, of algorithm 2. */
  beta: z
    .number()
    .gt(0)
    .max(10)
    .default(2 / 3),
  /**
   * Equivalent epochs of fine-tuning at the final size behind each trial of algorithm 2; null: a twentieth of the
   * baseline's.
   */
  finetune_epochs: z.number().gt(0).nullable().default(null),
  /** Accuracy, 0 to 1: what is less apart counts as equal. */
  tolerance: z.number().min(0).max(1).default(0),
  seeds: count.max(100).default(1),
  /** Seeds that a trial is given at most where it is too close to call; null: no more than `seeds`. */
  max_seeds: count.max(100).nullable().default(null),
  /** Hours after which it stops with the best found; null: none. */
  max_hours: z.number().gt(0).nullable().default(null),
  /** Images a step; null: those of the configuration. */
  batch: count.nullable().default(null),
  /** Other fields of the runs' configuration, by dotted path. */
  overrides: z.record(z.string(), z.unknown()).default({}),
});

export type SearchRequest = z.output<typeof searchRequestSchema>;

/** What was asked for, as it was frozen when the search was created. */
export const searchSpecSchema = z.object({
  algorithm: z.union([z.literal(1), z.literal(2)]),
  stages: z.number(),
  /** Ascending; the last is the final size. */
  candidates: z.array(z.number()),
  epochs: z.number(),
  /** Null for algorithm 1. */
  beta: z.number().nullable(),
  finetune_epochs: z.number(),
  tolerance: z.number(),
  seeds: z.number(),
  max_seeds: z.number(),
  max_hours: z.number().nullable(),
  /** Compute of the baseline as it is laid out in steps, in equivalent epochs. */
  baseline_cost: z.number(),
  /** Compute that a schedule may cost. */
  budget: z.number(),
  /** Length of a schedule: passes for algorithm 1, equivalent epochs for algorithm 2. */
  length: z.number(),
  /** Configuration of the baseline, from which those of the trials are made. */
  base: runConfigSchema,
  /** Where the fields of that came from. */
  origin: z.record(z.string(), z.enum(['default', 'preset', 'model', 'file', 'flag'])),
});

export type SearchSpec = z.output<typeof searchSpecSchema>;

export const searchTrialSchema = z.object({
  /** Number within the search, as text. */
  id: z.string(),
  /**
   * Run of the first seed: from where its stages leave those of earlier trials to its last stage. Null until it begins.
   */
  run: z.string().nullable(),
  /** Run that fine-tunes it; null for algorithm 1, and until it begins. */
  finetune_run: z.string().nullable(),
  /** From 0: the stage that is tried, of algorithm 1 the last of those that share the bandwidth. */
  stage: z.number(),
  bandwidth: z.number(),
  /** Steps that `run` trains itself. */
  steps: z.number(),
  /** Mean over its seeds at the end; null before, and where its training diverged. */
  top1: z.number().nullable(),
  /** Validation images. */
  n: z.number().nullable(),
  /** Seeds that it has been measured with. */
  seeds: z.number(),
  /** Equivalent epochs that all its seeds have taken or will take. */
  cost: z.number(),
  state: z.enum(SHOWN_STATES as [string, ...string[]]),
});

export type SearchTrial = z.output<typeof searchTrialSchema>;

/** What `search show --json` prints. */
export const searchSchema = z.object({
  id,
  state: runState,
  algorithm: z.union([z.literal(1), z.literal(2)]),
  baseline: z.object({ run: z.string().nullable(), top1: z.number().nullable(), cost: z.number() }),
  trials: z.array(searchTrialSchema),
  /** Bandwidth of each stage: the best so far; null before the first decision. */
  chosen: z.array(z.number()).nullable(),
  /** Equivalent epochs of the chosen schedule; null with it. */
  cost: z.number().nullable(),
  /** Equivalent epochs that it may cost. */
  budget: z.number(),
  /** Id of the preset that it was saved as, for `train --preset`; null until there is one. */
  preset: z.string().nullable(),
});

export type SearchJson = z.output<typeof searchSchema>;

/** One training of a trial, of one seed. */
export const searchRunSchema = z.object({
  number: z.number(),
  /** Bandwidths of its stages; null: the baseline. */
  schedule: z.array(z.number()).nullable(),
  seed: z.number(),
  run: z.string().nullable(),
  finetune_run: z.string().nullable(),
  state: z.enum(SHOWN_STATES as [string, ...string[]]),
  top1: z.number().nullable(),
  n: z.number().nullable(),
  cost: z.number(),
  seconds: z.number(),
});

export const searchProgressSchema = z.object({
  /** Equivalent epochs of the trials that are done, and at most of those to come. */
  spent: z.number(),
  to_come: z.number(),
  /** Of the search's own processes, and of its trials' trainers within them. */
  seconds: z.number(),
  trial_seconds: z.number(),
  /** At most; null before a trial is done. */
  seconds_to_come: z.number().nullable(),
  /** Number of stages that are decided. */
  decided: z.number(),
  /** What it does now: the live run; null where none trains. */
  live_run: z.string().nullable(),
});

export const searchDetailsSchema = z.object({
  search: searchSchema,
  name: z.string(),
  created: z.string(),
  started: z.string().nullable(),
  ended: z.string().nullable(),
  error: errorSchema.nullable(),
  /** Why it ended before it was done; empty where it was not, or was stopped by hand. */
  reason: z.string(),
  dataset_name: z.string().nullable(),
  spec: searchSpecSchema,
  runs: z.array(searchRunSchema),
  progress: searchProgressSchema,
});

export type SearchDetails = z.output<typeof searchDetailsSchema>;

/** What a search would take, before it is started. */
export const searchEstimateSchema = z.object({
  size: z.number(),
  candidates: z.array(z.number()),
  budget: z.number(),
  /** Trials and equivalent epochs at most, the baseline with them, without further seeds. */
  trials: z.number(),
  epochs: z.number(),
  /** Null where this machine has not trained the model yet. */
  hours: z.number().nullable(),
});

const one = z.strictObject({ search: id });

export const searchCalls = {
  /** Newest first. */
  'searches.list': call(noArgs, z.array(searchDetailsSchema)),
  'searches.get': call(one, searchDetailsSchema),
  'searches.estimate': call(z.strictObject({ request: searchRequestSchema }), searchEstimateSchema),
  'searches.start': call(z.strictObject({ request: searchRequestSchema }), z.object({ search: id })),
  'searches.stop': call(one, nothing),
  'searches.resume': call(one, nothing),
  /** Removes what is known of it; its runs and its preset stay. */
  'searches.remove': call(one, nothing),
};
