import type { FindingKind } from '../../../../shared/contract/reviews';
import type { LayoutDoubt, LayoutFacts, LayoutReading } from '../../../../shared/contract/layout';
import type { TableReading } from '../../../../shared/contract/table';
import type { Split } from '../../../../shared/splits';

/** An image file that a dataset format has found in its source. */
export interface Candidate {
  /** Path relative to the root. */
  path: string;
  /** Class of the image; null: it has no label, and then no image of the source has. */
  className: string | null;
  /** Split of the image; null: it will be drawn. */
  split: Split | null;
}

/** The kind of a source's problem. */
export type ProblemKind = FindingKind;

export interface Problem {
  kind: ProblemKind;
  path: string;
  reason: string;
  others?: string[];
}

/**
 * Returns the system's reason without code, call and path: `EACCES: permission denied, open '/a'` -> `permission
 * denied`.
 */
export const systemReason = (error: unknown): string =>
  /^E\w+: ([^,]+)/.exec((error as Error).message)?.[1] ?? (error as Error).message;

/** Files that belong to a desktop or a tool, not to the data. */
export function ignoredReason(name: string): string | null {
  if (/^(Thumbs\.db|desktop\.ini|__MACOSX)$/i.test(name)) return 'It belongs to the desktop.';
  if (name === '.ipynb_checkpoints') return 'It belongs to Jupyter.';
  if (name.startsWith('.')) return 'It is hidden.';
  return null;
}

export interface ClassFolder {
  /** Path relative to the root. */
  path: string;
  className: string;
  split: Split | null;
}

/** A user's choices about a source. */
export interface ReadOptions {
  layout?: LayoutReading;
  table?: TableReading;
  /** Whether the images are taken without labels: folders are no classes then, and a table's labels aren't read. */
  unlabelled?: boolean;
}

/** Facts by which the format of a source is recognised. */
export interface Source {
  path: string;
  isFolder: boolean;
  /** See ReadOptions.unlabelled. */
  unlabelled: boolean;
}

export interface DatasetFormat {
  id: string;
  /** Says whether the source is of this format. No source is of two formats. */
  detect: (source: Source) => boolean;
  /** Returns the folder that paths are relative to. */
  root: (source: string) => string;
  /**
   * Returns the question that a person has to answer about reading the source. Null, or no such function: it is clear.
   */
  doubt?: (source: string, options: ReadOptions) => LayoutDoubt | null;
  /** Returns how a folder was read. */
  layout?: (source: string, options: ReadOptions) => LayoutFacts;
  /** Returns the folders of the classes, with images or without. */
  classFolders?: (source: string, options: ReadOptions) => ClassFolder[];
  /**
   * Walks the source and yields null where the caller may pause; what is left out goes to `report`.
   * @throws AppError bad_dataset where it can't be read at all
   */
  walk: (source: string, report: (problem: Problem) => void, options: ReadOptions) => Iterable<Candidate | null>;
}
