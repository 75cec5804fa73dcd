/** Import: scan (a job) -> review -> commit. A review is a scan's working file, until it is committed or discarded. */
import { z } from 'zod';
import { call } from './call';
import { id, noArgs, nothing, picture } from './common';
import { datasetSchema } from './datasets';
import { layoutDoubt, layoutFacts, layoutReading } from './layout';
import { tableReading } from './table';

export const scanArgs = z.strictObject({
  source: z.string(),
  /** Share of a drawn validation split. Default 0.2, and none for images without labels. */
  val_split: z.number().min(0).max(0.9).optional(),
  seed: z.int().min(0).default(0),
  /** The answer to a review's doubt. */
  layout: layoutReading.optional(),
  /** Imports without labels: every image is taken, whatever its folder or a table's columns say. */
  unlabelled: z.boolean().default(false),
  /** A person's options for a table. */
  table: tableReading.optional(),
});

export const scanResult = z.object({ review: id });

export const commitArgs = z.strictObject({ review: id, name: z.string().trim().min(1).max(120) });
export const commitResult = z.object({ dataset: id });

/** Shorter side in px below which an image leaves little for a model to see. */
export const TINY_SIDE = 32;

/** Kinds of finding, worst first. */
export const FINDING_KINDS = [
  'leak',
  'label_conflict',
  'only_class',
  'untrained_class',
  'empty_split',
  'truncated',
  'empty',
  'not_an_image',
  'unsupported',
  'too_large',
  'unreadable',
  'broken_link',
  'link_loop',
  'bad_row',
  'empty_class',
  'unmeasured_class',
  'single_image_class',
  'similar_classes',
  'duplicate',
  'near_duplicate',
  'outside_folder',
  'other_spelling',
  'unused_column',
  'table_note',
  'ignored',
] as const;

export type FindingKind = (typeof FINDING_KINDS)[number];

/** Kinds that report how the source was read, and problems of its lists of classes: they leave nothing out. */
export const NOTE_KINDS: readonly FindingKind[] = [
  ...(['outside_folder', 'other_spelling', 'unused_column', 'table_note'] as const),
  ...(['empty_split', 'empty_class', 'only_class', 'untrained_class', 'unmeasured_class'] as const),
  ...(['single_image_class', 'similar_classes'] as const),
];

/** Kinds that falsify the measurement: training on them is a choice that the dataset's record and its runs name. */
export const RED_KINDS = ['leak', 'label_conflict'] as const satisfies readonly FindingKind[];

/** Kinds whose rule (docs/data.md) is recommended. */
export const RECOMMENDED_KINDS = [...RED_KINDS, 'duplicate'] as const;

export const findingSchema = z.object({
  kind: z.enum(FINDING_KINDS),
  path: z.string(),
  reason: z.string(),
  others: z.array(z.string()),
  /** Whether this file is left out now; unusable ones always are. */
  excluded: z.boolean(),
  usable: z.boolean(),
});

export const reviewSchema = z.object({
  id,
  source: z.string(),
  name: z.string(),
  format: z.string(),
  classes: z.array(z.string()),
  counts: datasetSchema.shape.counts,
  formats: z.record(z.string(), z.number()),
  sizes: datasetSchema.shape.sizes,
  /** A question that has to be answered before anything is read; null: there is none. */
  doubt: layoutDoubt.nullable(),
  /** How folders were read; null for a table. */
  layout: layoutFacts.nullable(),
  /** A person's answer about the folders; null: none. */
  layout_chosen: layoutReading.nullable(),
  /** Whether the images are taken without labels. */
  unlabelled: z.boolean(),
  /** A person's options for the table; null for folders. */
  table: tableReading.nullable(),
  val_drawn: z.boolean(),
  /** Share and seed of the drawn validation split. */
  val_split: z.number(),
  seed: z.number(),
  /** Number of images to import whose shorter side is below TINY_SIDE. */
  tiny: z.number(),
  /** Maps a kind to its number of findings, and of their files that are left out. */
  findings: z.record(z.string(), z.object({ count: z.number(), excluded: z.number() })),
  /** Number of images that the rules of the red kinds, and of the recommended ones, would still leave out. */
  to_leave: z.object({ red: z.number(), recommended: z.number() }),
  /** Why it can't be committed; null where it can. */
  blocked: z.string().nullable(),
  can_undo: z.boolean(),
  can_redo: z.boolean(),
});

export type Review = z.infer<typeof reviewSchema>;

const one = z.strictObject({ review: id });

export const reviewCalls = {
  /** Returns the reviews that wait for a decision, the most recently used first. */
  'reviews.list': call(noArgs, z.array(reviewSchema.pick({ id: true, source: true, name: true }))),
  'reviews.get': call(one, reviewSchema),
  'reviews.findings': call(
    one.extend({ kind: z.enum(FINDING_KINDS), offset: z.int().min(0), limit: z.int().min(1).max(500) }),
    z.object({ total: z.number(), findings: z.array(findingSchema) }),
  ),
  'reviews.images': call(
    one.extend({
      /** Split of the images; null: all splits. */
      split: z.string().nullable(),
      label: z.string().nullable(),
      /** Upper limit of the shorter side in px. */
      below: z.int().min(1).nullable().default(null),
      offset: z.int().min(0),
      limit: z.int().min(1).max(500),
    }),
    z.object({
      total: z.number(),
      images: z.array(
        z.object({ path: z.string(), label: z.string().nullable(), width: z.number(), height: z.number() }),
      ),
    }),
  ),
  'reviews.thumbnails': call(
    one.extend({ paths: z.array(z.string()).min(1).max(120), size: z.int().min(16).max(1024).default(128) }),
    z.array(picture.nullable()),
  ),
  /**
   * Leaves files out, or takes them back, as one change: single paths, or everything that the rules of some kinds leave
   * out (docs/data.md).
   */
  'reviews.exclude': call(
    one.extend({
      what: z.union([
        z.strictObject({ kinds: z.array(z.enum(FINDING_KINDS)).min(1) }),
        z.strictObject({ paths: z.array(z.string()).min(1) }),
      ]),
      excluded: z.boolean(),
    }),
    reviewSchema,
  ),
  /** Takes back the last change. */
  'reviews.undo': call(one, reviewSchema),
  /** Repeats the change that was undone last. */
  'reviews.redo': call(one, reviewSchema),
  'reviews.commit': call(commitArgs, commitResult),
  'reviews.discard': call(one, nothing),
};
