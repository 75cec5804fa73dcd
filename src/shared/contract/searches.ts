/** Searches for a schedule: their request, progress and result. */
import { z } from 'zod';
import { runConfigSchema } from '../run-config';
import { SHOWN_STATES } from '../run-state';
import { call } from './call';
import { errorSchema, id, noArgs, nothing, runState } from './common';

const count = z.int().min(1);

/** Request for a search. */
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
  /** Equivalent epochs of the baseline; null: those of the configuration. */
  epochs: z.number().gt(0).nullable().default(null),
  /** Compute of a schedule over the baseline's, for algorithm 2. */
  beta: z
    .number()
    .gt(0)
    .max(10)
    .default(2 / 3),
  /**
   * Equivalent epochs of fine-tuning at the final size after each trial of algorithm 2; null: a twentieth of the
   * baseline's.
   */
  finetune_epochs: z.number().gt(0).nullable().default(null),
  /** Difference of accuracies, 0 to 1, up to which they count as equal. */
  tolerance: z.number().min(0).max(1).default(0),
  seeds: count.max(100).default(1),
  /** Largest number of seeds of a trial that is too close to call; null: no more than `seeds`. */
  max_seeds: count.max(100).nullable().default(null),
  /** What decides between trials whose intervals still overlap: the cheaper one, or the highest mean. */
  overlap: z.enum(['cheaper', 'mean']).default('cheaper'),
  /** Hours after which it stops with the best found; null: none. */
  max_hours: z.number().gt(0).nullable().default(null),
  /** Number of images a step; null: that of the configuration. */
  batch: count.nullable().default(null),
  /** Other fields of the runs' configuration, by dotted path. */
  overrides: z.record(z.string(), z.unknown()).default({}),
});

export type SearchRequest = z.output<typeof searchRequestSchema>;

/** The request, frozen when the search was created. */
export const searchSpecSchema = z.object({
  algorithm: z.union([z.literal(1), z.literal(2)]),
  stages: z.number(),
  /** Candidate bandwidths, ascending; the last is the final size. */
  candidates: z.array(z.number()),
  epochs: z.number(),
  /** Null for algorithm 1. */
  beta: z.number().nullable(),
  finetune_epochs: z.number(),
  tolerance: z.number(),
  seeds: z.number(),
  max_seeds: z.number(),
  overlap: z.enum(['cheaper', 'mean']),
  max_hours: z.number().nullable(),
  /** Compute of the baseline as it is planned in steps, in equivalent epochs. */
  baseline_cost: z.number(),
  /** Compute that a schedule may cost. */
  budget: z.number(),
  /** Length of a schedule: passes for algorithm 1, equivalent epochs for algorithm 2. */
  length: z.number(),
  /** Configuration of the baseline, from which those of the trials are made. */
  base: runConfigSchema,
  /** Origins of the fields of `base`. */
  origin: z.record(z.string(), z.enum(['default', 'preset', 'model', 'file', 'flag'])),
});

export type SearchSpec = z.output<typeof searchSpecSchema>;

export const searchTrialSchema = z.object({
  /** Number within the search, as text. */
  id: z.string(),
  /**
   * Run of the first seed, from where its stages differ from those of earlier trials to its last stage. Null until it
   * begins.
   */
  run: z.string().nullable(),
  /** Run that fine-tunes it; null for algorithm 1, and until it begins. */
  finetune_run: z.string().nullable(),
  /** The stage that is tried, from 0; for algorithm 1 the last of those that share the bandwidth. */
  stage: z.number(),
  bandwidth: z.number(),
  /** Number of steps that `run` trains itself. */
  steps: z.number(),
  /** Mean over its seeds at the end; null before, and where its training diverged. */
  top1: z.number().nullable(),
  /** Number of validation images. */
  n: z.number().nullable(),
  /** Number of seeds that it has been measured with. */
  seeds: z.number(),
  /** Equivalent epochs that all its seeds have taken or will take. */
  cost: z.number(),
  state: z.enum(SHOWN_STATES as [string, ...string[]]),
});

export type SearchTrial = z.output<typeof searchTrialSchema>;

/** The output of `search show --json`. */
export const searchSchema = z.object({
  id,
  state: runState,
  algorithm: z.union([z.literal(1), z.literal(2)]),
  baseline: z.object({ run: z.string().nullable(), top1: z.number().nullable(), cost: z.number() }),
  trials: z.array(searchTrialSchema),
  /** Bandwidth of each stage: the best so far; null before a trial is measured. */
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
  /** Equivalent epochs of the finished trials, and the most of those to come. */
  spent: z.number(),
  to_come: z.number(),
  /** Seconds of the search's own processes, including the trainers of its trials. */
  seconds: z.number(),
  trial_seconds: z.number(),
  /** The most seconds to come; null before a trial is done. */
  seconds_to_come: z.number().nullable(),
  /** Number of stages that are decided. */
  decided: z.number(),
  /** The run that trains now; null where none does. */
  live_run: z.string().nullable(),
});

export const searchDetailsSchema = z.object({
  search: searchSchema,
  name: z.string(),
  created: z.string(),
  started: z.string().nullable(),
  ended: z.string().nullable(),
  error: errorSchema.nullable(),
  /** Why it ended early; empty where it did not, or was stopped by hand. */
  reason: z.string(),
  dataset_name: z.string().nullable(),
  spec: searchSpecSchema,
  runs: z.array(searchRunSchema),
  progress: searchProgressSchema,
});

export type SearchDetails = z.output<typeof searchDetailsSchema>;

/** Estimate of a search before it is started. */
export const searchEstimateSchema = z.object({
  size: z.number(),
  candidates: z.array(z.number()),
  budget: z.number(),
  /** The most trials and equivalent epochs, including the baseline, without further seeds. */
  trials: z.number(),
  epochs: z.number(),
  /** Null where this machine has not trained the model yet. */
  hours: z.number().nullable(),
  /** Largest number of trials' states on the disk at once, their bytes, and the disk's free bytes. */
  disk: z.object({ states: z.number(), bytes: z.number(), free: z.number() }),
});

const one = z.strictObject({ search: id });

export const searchCalls = {
  /** Lists the newest first. */
  'searches.list': call(noArgs, z.array(searchDetailsSchema)),
  'searches.get': call(one, searchDetailsSchema),
  'searches.estimate': call(z.strictObject({ request: searchRequestSchema }), searchEstimateSchema),
  'searches.start': call(z.strictObject({ request: searchRequestSchema }), z.object({ search: id })),
  'searches.stop': call(one, nothing),
  'searches.resume': call(one, nothing),
  /** Removes the record of a search; its runs and its preset stay. */
  'searches.remove': call(one, nothing),
};
