/** The reading of a source's folders, and the question where their names are ambiguous. */
import { z } from 'zod';
import { SPLITS } from '../splits';

/** Meaning of the folders at the top of a source. */
export const layoutReading = z.enum(['classes', 'splits']);
export type LayoutReading = z.infer<typeof layoutReading>;

const filesBySplit = z.object({ train: z.number(), val: z.number(), test: z.number() });

const readingSummary = z.object({
  /** The first classes. */
  classes: z.array(z.string()),
  class_count: z.number(),
  /** Number of files by name, not read yet. Where val has none, a part of train is drawn. */
  files: filesBySplit,
  /** Number of files that this reading leaves out. */
  left_out: z.number(),
});

/** Result of one reading of a source, judged by the names of its files. */
export type ReadingSummary = z.infer<typeof readingSummary>;

const foldersDoubt = z.object({
  /**
   * All folders hold the same sub-folders, one is named as a split among others that look like classes, or the names
   * hold a split and a class each (`cats_train`).
   */
  kind: z.enum(['same_folders', 'split_beside_classes', 'split_and_class']),
  /** The first of the folders that raise the question. */
  folders: z.array(z.string()),
  folder_count: z.number(),
  /** The first sub-folders that all of them hold. */
  shared: z.array(z.string()),
  /** Whether all files were counted. */
  complete: z.boolean(),
  classes: readingSummary,
  splits: readingSummary,
});

/** A question that the names of folders leave open: whether they are classes or splits. */
export type FoldersDoubt = z.infer<typeof foldersDoubt>;

const noClassesDoubt = z.object({
  kind: z.literal('no_classes'),
  /** Number of files named as images, by the split that their folder gives; train where it gives none. */
  images: filesBySplit,
  /** Whether all files were counted. */
  complete: z.boolean(),
  /** A table in the source's folder, which may hold the labels. */
  table: z.string().nullable(),
});

/** A question about images in no class folder: whether they are to be imported without labels. */
export type NoClassesDoubt = z.infer<typeof noClassesDoubt>;

export const layoutDoubt = z.discriminatedUnion('kind', [foldersDoubt, noClassesDoubt]);

/** A question that is answered before anything is read. */
export type LayoutDoubt = z.infer<typeof layoutDoubt>;

export const layoutFacts = z.object({
  /** Folder below the source that holds the classes or splits; empty: the source itself. */
  base: z.string(),
  /** Folders that were read as splits; a split of null is a part of the data that no word names. */
  splits: z.array(z.object({ folder: z.string(), split: z.enum(SPLITS).nullable() })),
  /** Whether each class holds its own splits. */
  within: z.boolean(),
});

/** How the folders of a source were read. */
export type LayoutFacts = z.infer<typeof layoutFacts>;
