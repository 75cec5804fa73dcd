/** Import: scan (a job) -> review -> commit. A review is a scan's working file, until it is committed or discarded. */
import { z } from 'zod';
import { call } from './call';
import { id, noArgs, nothing, picture } from './common';
import { datasetSchema } from './datasets';
import { layoutDoubt, layoutFacts, layoutReading } from './layout';
import { tableReading } from './table';

export const scanArgs = z.strictObject({
  source: z.string(),
  /** Share of a drawn validation split. Without it 0.2, and none of images without labels. */
  val_split: z.number().min(0).max(0.9).optional(),
  seed: z.int().min(0).default(0),
  /** The answer to a review's doubt. */
  layout: layoutReading.optional(),
  /** Images without labels: every image, whatever its folder or a table's columns say. */
  unlabelled: z.boolean().default(false),
  /** What a person says of a table. */
  table: tableReading.optional(),
});

export const scanResult = z.object({ review: id });

export const commitArgs = z.strictObject({ review: id, name: z.string().trim().min(1).max(120) });
export const commitResult = z.object({ dataset: id });

/** A shorter side below this, px, leaves little for a model to see. */
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

/** Kinds that tell how the source was read, and what its lists of classes say: they leave nothing out. */
export const NOTE_KINDS: readonly FindingKind[] = [
  ...(['outside_folder', 'other_spelling', 'unused_column', 'table_note'] as const),
  ...(['empty_split', 'empty_class', 'only_class', 'untrained_class', 'unmeasured_class'] as const),
  ...(['single_image_class', 'similar_classes'] as const),
];

/** Kinds that falsify what is measured: training on them is a choice that the dataset's record and its runs name. */
export const RED_KINDS = ['leak', 'label_conflict'] as const satisfies readonly FindingKind[];

/** Kinds whose rule (docs/data.md) is recommended. */
export const RECOMMENDED_KINDS = [...RED_KINDS, 'duplicate'] as const;

export const findingSchema = z.object({
  kind: z.enum(FINDING_KINDS),
  path: z.string(),
  reason: z.string(),
  others: z.array(z.string()),
  /** Whether this file is left out as things stand; unusable ones always are. */
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
  /** What a person said that the folders are; null: nothing. */
  layout_chosen: layoutReading.nullable(),
  /** Whether the images are taken without labels. */
  unlabelled: z.boolean(),
  /** What a person said of the table; null for folders. */
  table: tableReading.nullable(),
  val_drawn: z.boolean(),
  /** Of the draw of the validation split. */
  val_split: z.number(),
  seed: z.number(),
  /** Images that will be imported whose shorter side is below TINY_SIDE. */
  tiny: z.number(),
  /** kind -> how many findings, and how many files of them are left out. */
  findings: z.record(z.string(), z.object({ count: z.number(), excluded: z.number() })),
  /** Images that would still be left out by the rules of the red kinds, and of the recommended ones. */
  to_leave: z.object({ red: z.number(), recommended: z.number() }),
  /** Why it can't be committed, in words; null where it can. */
  blocked: z.string().nullable(),
  can_undo: z.boolean(),
  can_redo: z.boolean(),
});

export type Review = z.infer<typeof reviewSchema>;

const one = z.strictObject({ review: id });

export const reviewCalls = {
  /** Those that wait for a decision, the one last looked at first. */
  'reviews.list': call(noArgs, z.array(reviewSchema.pick({ id: true, source: true, name: true }))),
  'reviews.get': call(one, reviewSchema),
  'reviews.findings': call(
    one.extend({ kind: z.enum(FINDING_KINDS), offset: z.int().min(0), limit: z.int().min(1).max(500) }),
    z.object({ total: z.number(), findings: z.array(findingSchema) }),
  ),
  'reviews.images': call(
    one.extend({
      /** null: of all splits. */
      split: z.string().nullable(),
      label: z.string().nullable(),
      /** Only those whose shorter side is below it, px. */
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
   * Leave files out, or take them back, as one change: single paths, or all that the rules of some kinds drop
   * (docs/data.md).
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
  /** Makes again what was undone last. */
  'reviews.redo': call(one, reviewSchema),
  'reviews.commit': call(commitArgs, commitResult),
  'reviews.discard': call(one, nothing),
};
