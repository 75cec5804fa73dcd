/** Datasets that were imported. */
import { z } from 'zod';
import { byText } from './by-text';
import { call } from './call';
import { id, noArgs, nothing, picture } from './common';

export const datasetSchema = z.object({
  id,
  name: z.string(),
  root: z.string(),
  format: z.string(),
  created: z.string(),
  /** Class names; empty: its images have no labels. */
  classes: z.array(z.string()),
  /**
   * Maps split -> class -> number of images; for images without labels the one class is NO_CLASS (shared/labels.ts).
   */
  counts: z.record(z.string(), byText(z.number())),
  formats: z.record(z.string(), z.number()),
  problems: z.record(z.string(), z.number()),
  excluded: z.record(z.string(), z.number()),
  val_drawn: z.boolean(),
  sizes: z.object({ smallest: z.number(), largest: z.number() }),
  /** Whether its folder is there now. */
  present: z.boolean(),
  runs: z.number(),
});

export type DatasetInfo = z.infer<typeof datasetSchema>;

export const problemSchema = z.object({
  path: z.string(),
  kind: z.string(),
  reason: z.string(),
  others: z.array(z.string()).optional(),
  excluded: z.boolean(),
});

const one = z.strictObject({ dataset: id });

export const datasetCalls = {
  'datasets.list': call(noArgs, z.array(datasetSchema)),
  'datasets.get': call(one, datasetSchema),
  'datasets.problems': call(one, z.array(problemSchema)),
  /** Runs that used it, newest first. */
  'datasets.runs': call(one, z.array(id)),
  'datasets.rename': call(one.extend({ name: z.string().trim().min(1).max(120) }), nothing),
  /** Points a dataset at the folder it has moved to; `folder` was picked. */
  'datasets.locate': call(one.extend({ folder: z.string() }), nothing),
  'datasets.remove': call(one.extend({ force: z.boolean().default(false) }), nothing),
  /** Returns images of a split in order of path, of one class or all, whose path contains `search`. */
  'datasets.images': call(
    one.extend({
      split: z.string(),
      label: z.int().nullable().default(null),
      search: z.string().max(200).default(''),
      offset: z.int().min(0),
      limit: z.int().min(1).max(500),
    }),
    z.object({
      total: z.number(),
      images: z.array(
        z.object({
          path: z.string(),
          label: z.number().nullable(),
          width: z.number(),
          height: z.number(),
          bytes: z.number(),
        }),
      ),
    }),
  ),
  /**
   * Returns thumbnails of files of the dataset, in the order of `paths`; null where a file can't be read. Their longest
   * side is about `size` px.
   */
  'datasets.thumbnails': call(
    one.extend({ paths: z.array(z.string()).min(1).max(120), size: z.int().min(16).max(1024).default(128) }),
    z.array(picture.nullable()),
  ),
  /** Imports the bundled sample, or returns the one that exists. */
  'datasets.sample': call(noArgs, z.object({ dataset: id })),
};
